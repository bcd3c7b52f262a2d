#include "guest/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/sort.h"

#define LINKS_MAX 40   /* as the kernel has it */
#define LINK_MAX  4096 /* bytes of a link's text, and of a resolved path */

bool guest_has_file(const struct guest_root *root, const char *path)
{
	struct error err;
	struct stat st;

	return place_look(root, path, &st, &err) == 0 && S_ISREG(st.st_mode);
}

bool guest_has_dir(const struct guest_root *root, const char *path)
{
	struct error err;
	struct stat st;

	return place_look(root, path, &st, &err) == 0 && S_ISDIR(st.st_mode);
}

bool guest_has_program(const struct guest_root *root, const char *path)
{
	struct error err;
	struct stat st;

	return place_look(root, path, &st, &err) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

bool guest_is_plain_file(const struct guest_root *root, const char *path)
{
	struct stat st;

	return place_look_name(root, path, &st) && S_ISREG(st.st_mode);
}

/* What was noted, as a file without a name. */
static int open_planned(const struct planned *planned, const char *path, struct error *err)
{
	auto_close int fd = -1;

	if (planned->kind != PLANNED_FILE)
		return fail(err, ENOENT, "'%s' inside the guest is not a regular file",
			    path);
	fd = memfd_create("planned", MFD_CLOEXEC);
	if (fd < 0 || write_all(fd, planned->text.at, planned->text.len, err) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, EIO, "cannot note '%s' inside the guest", path);
	return take_fd(&fd);
}

/*
 * Looked at first, so that no device or FIFO is ever opened; what is opened then has
 * to be the same file.
 */
int guest_open(const struct guest_root *root, const char *path, struct error *err)
{
	const struct planned *planned = record_find(root->record, path);
	auto_close int fd = -1;
	struct stat seen, got;

	if (planned)
		return open_planned(planned, path, err);
	if (place_look(root, path, &seen, err) < 0) {
		if (place_is_absent(err->code))
			err->code = ENOENT;
		return -1;
	}
	if (!S_ISREG(seen.st_mode))
		return fail(err, ENOENT, "'%s' inside the guest is not a regular file",
			    path);
	fd = open_in_root(root->fd, path, O_RDONLY | O_NONBLOCK, 0, err);
	if (fd < 0) {
		if (err->code == ENOENT)
			err->code = EIO;
		return -1;
	}
	if (fstat(fd, &got) < 0 || got.st_dev != seen.st_dev || got.st_ino != seen.st_ino ||
	    !S_ISREG(got.st_mode))
		return fail(err, EBUSY, "'%s' inside the guest changed while it was opened",
			    path);
	return take_fd(&fd);
}

int guest_read(const struct guest_root *root, const char *path, struct strbuf *out,
	       struct error *err)
{
	auto_close int fd = guest_open(root, path, err);

	if (fd < 0)
		return err->code == ENOENT ? 0 : -1;
	if (read_all(fd, GUEST_TEXT_MAX, out, err) < 0)
		return fail_in(err, "%s", path);
	return 1;
}

int guest_first_line(const struct guest_root *root, const char *path, struct strbuf *out,
		     struct error *err)
{
	auto_close int fd = guest_open(root, path, err);
	size_t start = out->len;
	ssize_t got = 1;
	char *end = NULL;

	if (fd < 0)
		return err->code == ENOENT ? 0 : -1;
	while (!end && got > 0 && out->len - start < GUEST_LINE_MAX) {
		char *at = strbuf_grow(out, 4096);

		got = read(fd, at, 4096);
		if (got < 0)
			return fail(err, errno, "cannot read '%s' inside the guest", path);
		end = memchr(at, '\n', (size_t)got);
		out->len += (size_t)got;
		out->at[out->len] = '\0';
	}
	if (!end && got > 0)
		return fail(err, EFBIG, "%s: the first line is longer than %d bytes", path,
			    GUEST_LINE_MAX);
	if (end)
		strbuf_cut(out, (size_t)(end - out->at));
	return 1;
}

bool guest_readlink(const struct guest_root *root, const char *path, struct strbuf *out)
{
	const struct planned *planned = record_find(root->record, path);
	auto_close int dir = -1;
	const char *name = "";
	char text[LINK_MAX];
	struct error err;
	ssize_t len;

	if (planned && planned->kind == PLANNED_LINK)
		strbuf_add_slice(out, strbuf_slice(&planned->text));
	if (planned)
		return planned->kind == PLANNED_LINK;
	dir = place_open_parent(root, path, &name, &err);
	len = dir < 0 ? -1 : readlinkat(dir, name, text, sizeof(text));
	if (len < 0 || (size_t)len == sizeof(text))
		return false;
	strbuf_add(out, text, (size_t)len);
	return true;
}

struct walk {
	struct strbuf done; /* resolved: "" or "/usr/lib" */
	struct strbuf rest; /* what is left, from at on */
	size_t at;
	int links;
};

static void walk_done(struct walk *walk)
{
	strbuf_done(&walk->done);
	strbuf_done(&walk->rest);
}

static struct slice next_part(struct walk *walk)
{
	struct slice left, part;

	part = slice_cut(slice_from(strbuf_slice(&walk->rest), walk->at), '/', &left);
	walk->at += part.len + (left.at != NULL);
	return part;
}

static void step_up(struct strbuf *done)
{
	const char *slash = strrchr(done->at, '/');

	if (slash)
		strbuf_cut(done, (size_t)(slash - done->at));
}

/* One component more behind what is resolved; a link's text goes in front of the rest. */
static bool step_into(const struct guest_root *root, struct slice part, struct walk *walk)
{
	auto_strbuf struct strbuf target = STRBUF_INIT;
	size_t len = walk->done.len;

	strbuf_addc(&walk->done, '/');
	strbuf_add_slice(&walk->done, part);
	if (!guest_readlink(root, walk->done.at, &target))
		return walk->done.len < LINK_MAX;
	strbuf_cut(&walk->done, target.at[0] == '/' ? 0 : len);
	strbuf_addc(&target, '/');
	strbuf_add_slice(&target, slice_from(strbuf_slice(&walk->rest), walk->at));
	strbuf_done(&walk->rest);
	walk->rest = target;
	target = (struct strbuf)STRBUF_INIT;
	walk->at = 0;
	return ++walk->links <= LINKS_MAX;
}

bool guest_resolve(const struct guest_root *root, const char *path, struct strbuf *out)
{
	__attribute__((cleanup(walk_done))) struct walk walk = { STRBUF_INIT, STRBUF_INIT,
								 0, 0 };
	struct error err;
	struct stat st;

	strbuf_adds(&walk.rest, path);
	while (walk.at < walk.rest.len) {
		struct slice part = next_part(&walk);

		if (slice_is(part, ".."))
			step_up(&walk.done);
		else if (part.len && !slice_is(part, ".") && !step_into(root, part, &walk))
			return false;
	}
	if (place_look(root, walk.done.len ? walk.done.at : "/", &st, &err) < 0)
		return false;
	strbuf_add_slice(out, strbuf_slice(&walk.done));
	return true;
}

int guest_list(const struct guest_root *root, const char *path,
	       bool (*wanted)(const char *name), char ***names, struct error *err)
{
	auto_words char **list = xcalloc(GUEST_LIST_MAX + 1, sizeof(*list));
	auto_close int fd = -1;
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	size_t count = 0;

	if (guest_has_dir(root, path)) {
		fd = open_in_root(root->fd, path, O_RDONLY | O_DIRECTORY, 0, err);
		dir = fd < 0 ? NULL : fdopendir(fd);
		if (!dir)
			return fail(err, errno, "cannot list '%s' inside the guest", path);
		take_fd(&fd);
	}
	for (size_t seen = 0; dir && seen < GUEST_LIST_MAX && (entry = readdir(dir));
	     seen++)
		if (wanted(entry->d_name))
			list[count++] = xstrdup(entry->d_name);
	sort_texts(list, count);
	*names = take_ptr(&list);
	return 0;
}
