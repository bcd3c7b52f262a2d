#include "guest/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"

bool place_is_absent(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP || code == EXDEV ||
	       code == EACCES || code == ENAMETOOLONG;
}

static void describe(const struct planned *planned, struct stat *st)
{
	static const mode_t kinds[] = {
		[PLANNED_FILE] = S_IFREG, [PLANNED_LINK] = S_IFLNK, [PLANNED_DIR] = S_IFDIR
	};

	*st = (struct stat){ .st_mode = kinds[planned->kind] | planned->mode,
			     .st_size = (off_t)planned->text.len };
}

int place_look(const struct guest_root *root, const char *path, struct stat *st,
	       struct error *err)
{
	const struct planned *planned = record_find(root->record, path);
	auto_close int fd = -1;

	if (planned && (planned->kind == PLANNED_FILE || planned->kind == PLANNED_DIR)) {
		describe(planned, st);
		return 0;
	}
	if (planned)
		return fail(err, ENOENT, "cannot open '%s' inside the guest", path);
	fd = open_in_root(root->fd, path, O_PATH, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0)
		return fail(err, errno, "cannot look at '%s' inside the guest", path);
	return 0;
}

bool place_look_name(const struct guest_root *root, const char *path, struct stat *st)
{
	const struct planned *planned = record_find(root->record, path);
	auto_close int dir = -1;
	const char *name = "";
	struct error err;

	if (planned && planned->kind != PLANNED_ABSENT)
		describe(planned, st);
	if (planned)
		return planned->kind != PLANNED_ABSENT;
	dir = place_open_parent(root, path, &name, &err);
	return dir >= 0 && fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The path without its last component; the caller frees it. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, slash > path ? (size_t)(slash - path) : 1);
}

int place_open_parent(const struct guest_root *root, const char *path, const char **name,
		      struct error *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = NULL;

	if (!slash || slash[1] == '\0')
		return fail(err, EINVAL, "'%s' is no path of a guest file", path);
	*name = slash + 1;
	dir = parent_of(path);
	return open_in_root(root->fd, dir, O_PATH | O_DIRECTORY, 0, err);
}

int place_check_parent(const struct guest_root *root, const char *path, struct error *err)
{
	auto_free char *dir = parent_of(path);
	const struct planned *planned = record_find(root->record, dir);
	auto_close int fd = -1;
	const char *name = "";

	if (planned && planned->kind == PLANNED_DIR)
		return 0;
	fd = place_open_parent(root, path, &name, err);
	return fd < 0 ? -1 : 0;
}
