#include "template/places.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "template/name.h"

#define DIR_FLAGS (O_PATH | O_DIRECTORY)

void places_init(struct places *places, int root)
{
	*places = (struct places){ .root = root };
	for (size_t i = 0; i < PLACES_MAX; i++)
		places->at[i].fd = -1;
}

void places_forget(struct places *places)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		free_ptr(&places->at[i].path);
		close_fd(&places->at[i].fd);
	}
}

void places_done(struct places *places)
{
	places_forget(places);
}

static int fail_dir(const char *path, int code, struct error *err)
{
	char shown[256];

	return fail(err, code, "cannot open directory '%s'",
		    printable(path, shown, sizeof(shown)));
}

static int make_one(int parent, const char *path, const char *name, struct error *err)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return fail_dir(path, errno, err);
	fd = openat(parent, name, DIR_FLAGS | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : fail_dir(path, errno, err);
}

static size_t parent_length(const char *path, size_t len)
{
	const char *slash = memrchr(path, '/', len);

	return slash ? (size_t)(slash - path) : 0;
}

static const char *copy_part(char part[PATH_MAX], const char *at, size_t len)
{
	memcpy(part, at, len);
	part[len] = '\0';
	return part;
}

/* Back to the longest part that exists, then forward, making the rest. */
static int make_all(int root, const char *path, size_t len, struct error *err)
{
	char part[PATH_MAX];
	auto_close int fd = -1;
	size_t end = len;

	do {
		end = parent_length(path, end);
		fd = open_in_root(root, end ? copy_part(part, path, end) : ".", DIR_FLAGS,
				  0, err);
	} while (fd < 0 && err->code == ENOENT && end > 0);
	while (fd >= 0 && end < len) {
		size_t start = end + (end > 0);
		size_t size = strcspn(path + start, "/");
		int next = make_one(fd, path, copy_part(part, path + start, size), err);

		close_fd(&fd);
		fd = next;
		end = start + size;
	}
	return take_fd(&fd);
}

static int open_place(int root, const char *path, size_t len, struct error *err)
{
	char copy[PATH_MAX];
	int fd = open_in_root(root, len ? copy_part(copy, path, len) : ".", DIR_FLAGS, 0,
			      err);

	if (fd >= 0)
		return fd;
	return err->code == ENOENT ? make_all(root, copy, len, err)
				   : fail_dir(copy, err->code, err);
}

static struct place *oldest(struct places *places)
{
	struct place *found = &places->at[0];

	for (size_t i = 1; i < PLACES_MAX; i++)
		if (places->at[i].used < found->used)
			found = &places->at[i];
	return found;
}

static struct place *find(struct places *places, const char *path, size_t len)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &places->at[i];

		if (place->path && place->len == len && memcmp(place->path, path, len) == 0)
			return place;
	}
	return NULL;
}

const struct place *places_open(struct places *places, const char *path, size_t len,
				struct error *err)
{
	struct place *place = find(places, path, len);
	struct stat st;
	int fd;

	if (!place) {
		fd = open_place(places->root, path, len, err);
		if (fd < 0)
			return NULL;
		place = oldest(places);
		free_ptr(&place->path);
		close_fd(&place->fd);
		place->path = xstrndup(path, len);
		place->len = len;
		place->fd = fd;
		place->gives_group = fstat(fd, &st) < 0 || st.st_mode & S_ISGID;
	}
	place->used = ++places->clock;
	return place;
}
