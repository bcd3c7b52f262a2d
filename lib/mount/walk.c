#include "mount/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/slice.h"

void walk_done(struct walk *walk)
{
	close_fd(&walk->fd);
	close_fd(&walk->parent);
}

/*
 * A new directory belongs to the container's root. One that is not ours is not new:
 * it was swapped in, and its owner stays.
 */
static int give(int fd, const struct walk_owner *owner, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, errno, "cannot stat the new directory");
	if (st.st_uid != geteuid())
		return 0;
	if (fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) < 0)
		return fail(err, errno, "cannot change the owner of the new directory");
	return 0;
}

static int open_component(int dirfd, const char *name)
{
	struct error ignored = { 0 };
	int fd = open_beneath(dirfd, name, O_PATH | O_DIRECTORY, 0, &ignored);

	if (fd < 0)
		errno = ignored.code;
	return fd;
}

/* Guests need to pass through it whatever our umask is. */
static int make_passable(int dirfd, const char *name)
{
	mode_t before = umask(022);
	int made = mkdirat(dirfd, name, 0755), code = errno;

	umask(before);
	errno = code;
	return made;
}

/*
 * In an id-mapped mount only ids that are mapped can own files, and those of the host's
 * root need not be: there the container's root makes it.
 */
static int make_dir_for(int dirfd, const char *name, const struct walk_owner *owner)
{
	int made = make_passable(dirfd, name), code;

	if (made == 0 || errno != EOVERFLOW)
		return made;
	setfsgid(owner->gid);
	setfsuid(owner->uid);
	made = make_passable(dirfd, name);
	code = errno;
	setfsuid(geteuid());
	setfsgid(getegid());
	errno = code;
	return made;
}

int walk_make_file(int dirfd, const char *name, const struct walk_owner *owner,
		   struct error *err)
{
	auto_close int made = -1, fd = -1;
	struct stat st;
	int code;

	setfsgid(owner->gid);
	setfsuid(owner->uid);
	made = openat(dirfd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	code = errno;
	setfsuid(geteuid());
	setfsgid(getegid());
	if (made < 0 && code != EEXIST)
		return fail(err, code, "cannot create the file");
	fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(err, errno, "cannot open the file");
	if (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode))
		return fail(err, 0, "a directory or a symlink is there already");
	return take_fd(&fd);
}

static int make_component(int dirfd, const char *name, const struct walk_owner *owner,
			  struct error *err)
{
	int made = make_dir_for(dirfd, name, owner), code = errno;
	auto_close int fd = open_component(dirfd, name);

	if (fd < 0 && errno == ENOENT && made < 0)
		errno = code;
	if (fd < 0)
		return fail(err, errno, "cannot create the directory");
	if (made == 0 && give(fd, owner, err) < 0)
		return -1;
	return take_fd(&fd);
}

/* so_far names the component for the error. */
static int step(int dirfd, const char *name, const char *so_far,
		const struct walk_owner *make, struct error *err)
{
	int fd = open_component(dirfd, name);

	if (fd < 0 && errno == ENOENT && make) {
		fd = make_component(dirfd, name, make, err);
		if (fd < 0 && err->code != ELOOP && err->code != ENOTDIR)
			return fail_in(err, "%s", so_far);
		errno = err->code;
	}
	if (fd >= 0)
		return fd;
	if (errno == ELOOP || errno == ENOTDIR)
		return fail(err, 0, "symlink encountered at: %s", so_far);
	return fail(err, errno, "cannot open directory '%s'", so_far);
}

static int next_component(struct slice part, struct walk *walk, struct error *err)
{
	if (slice_is(part, ".") || slice_is(part, ".."))
		return fail(err, 0, "path contains '" SLICE_FMT "'", SLICE_ARG(part));
	if (part.len > NAME_MAX)
		return fail(err, ENAMETOOLONG, "path component");
	memcpy(walk->name, part.at, part.len);
	walk->name[part.len] = '\0';
	return 0;
}

int walk_path(int start, const char *path, const struct walk_owner *make, struct walk *out,
	      struct error *err)
{
	auto_walk struct walk walk = WALK_INIT;
	struct slice rest = slice(path), part;

	walk.fd = fcntl(start, F_DUPFD_CLOEXEC, 3);
	if (walk.fd < 0)
		return fail(err, errno, "cannot walk '%s'", path);
	while (rest.at) {
		auto_free char *so_far = NULL;
		int fd;

		part = slice_cut(rest, '/', &rest);
		if (part.len == 0)
			continue;
		if (next_component(part, &walk, err) < 0)
			return fail_in(err, "%s", path);
		so_far = xstrndup(path, (size_t)(part.at + part.len - path));
		fd = step(walk.fd, walk.name, so_far, make, err);
		if (fd < 0)
			return -1;
		close_fd(&walk.parent);
		walk.parent = walk.fd;
		walk.fd = fd;
	}
	*out = walk;
	walk = (struct walk)WALK_INIT;
	return 0;
}
