#include "template/later.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "template/attrs.h"
#include "template/name.h"

#define LIST_MAX  (1024 * 1024)
#define CHUNK_MAX (256 * 1024) /* above the longest record: a path and two ACLs */
#define ACL_MAX   65536

/* One record: this, the path with its NUL, the two ACLs. */
struct record {
	struct timespec mtime;
	mode_t mode;
	uint32_t path_size, access_size, fallback_size;
};

void later_init(struct later *later, int root)
{
	*later = (struct later){ .root = root, .spill = -1, .list = STRBUF_INIT };
}

void later_done(struct later *later)
{
	strbuf_done(&later->list);
	close_fd(&later->spill);
}

static int spill(struct later *later, struct error *err)
{
	if (later->spill < 0) {
		later->spill =
			openat(later->root, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		later->cannot_spill = later->spill < 0;
		if (later->cannot_spill)
			return 0;
	}
	if (write_all(later->spill, later->list.at, later->list.len, err) < 0)
		return fail_in(err, "cannot note the directories");
	strbuf_cut(&later->list, 0);
	return 0;
}

int later_add(struct later *later, const struct later_directory *directory,
	      struct error *err)
{
	struct record record = {
		.mtime = directory->mtime,
		.mode = directory->mode,
		.path_size = (uint32_t)strlen(directory->path) + 1,
		.access_size = (uint32_t)directory->access.len,
		.fallback_size = (uint32_t)directory->fallback.len,
	};

	if (directory->access.len > ACL_MAX || directory->fallback.len > ACL_MAX)
		return fail(err, E2BIG, "cannot set the ACL");
	strbuf_add(&later->list, &record, sizeof(record));
	strbuf_add(&later->list, directory->path, record.path_size);
	strbuf_add_slice(&later->list, directory->access);
	strbuf_add_slice(&later->list, directory->fallback);
	return later->list.len > LIST_MAX && !later->cannot_spill ? spill(later, err) : 0;
}

static int finish(const struct later *later, const struct later_directory *directory,
		  struct error *err)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, directory->mtime };
	auto_close int fd = -1;

	fd = open_in_root(later->root, directory->path[0] ? directory->path : ".",
			  O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	if (fd < 0)
		return -1;
	if (directory->mode != LATER_KEEP_MODE && fchmod(fd, directory->mode) < 0)
		return fail(err, errno, "cannot set the mode");
	if (acl_set(fd, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, directory->access, err) < 0 ||
	    acl_set(fd, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, directory->fallback, err) < 0)
		return -1;
	if (futimens(fd, times) < 0)
		return fail(err, errno, "cannot set the time");
	return 0;
}

/* Take one record off the front of *bytes; false when it is not whole. */
static bool take_record(struct slice *bytes, struct later_directory *out)
{
	struct record record;
	const char *at = bytes->at + sizeof(record);
	size_t size;

	if (bytes->len < sizeof(record))
		return false;
	memcpy(&record, bytes->at, sizeof(record));
	size = sizeof(record) + record.path_size + record.access_size +
	       record.fallback_size;
	if (bytes->len < size)
		return false;
	*out = (struct later_directory){
		.path = at,
		.mtime = record.mtime,
		.mode = record.mode,
		.access = slice_of(at + record.path_size, record.access_size),
		.fallback = slice_of(at + record.path_size + record.access_size,
				     record.fallback_size),
	};
	*bytes = slice_from(*bytes, size);
	return true;
}

/* Carry out the whole records of bytes; *left is what follows them. */
static int apply_records(const struct later *later, struct slice bytes, struct slice *left,
			 struct error *err)
{
	struct later_directory directory;
	char shown[256];

	while (take_record(&bytes, &directory))
		if (finish(later, &directory, err) < 0)
			return fail_in(err, "member '%s'",
				       printable(directory.path, shown, sizeof(shown)));
	*left = bytes;
	return 0;
}

static int apply_spilled(struct later *later, struct error *err)
{
	auto_strbuf struct strbuf chunk = STRBUF_INIT;
	struct slice left;
	ssize_t got;

	if (lseek(later->spill, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the noted directories");
	while ((got = read(later->spill, strbuf_grow(&chunk, CHUNK_MAX), CHUNK_MAX)) > 0) {
		chunk.len += (size_t)got;
		if (apply_records(later, strbuf_slice(&chunk), &left, err) < 0)
			return -1;
		memmove(chunk.at, left.at, left.len);
		strbuf_cut(&chunk, left.len);
	}
	return got < 0 ? fail(err, errno, "cannot read the noted directories") : 0;
}

int later_apply(struct later *later, struct error *err)
{
	struct slice left;

	if (later->spill >= 0 && apply_spilled(later, err) < 0)
		return -1;
	return apply_records(later, strbuf_slice(&later->list), &left, err);
}
