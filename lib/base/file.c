#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"

/* EAGAIN: a rename raced with the walk, and the kernel asks to try again. */
static int open_how_retry(int dirfd, const char *path, const struct open_how *how)
{
	for (int tries = 0; tries < 32; tries++) {
		int fd = (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));

		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			return fd;
	}
	return -1;
}

static struct open_how how_to_open(int flags, mode_t mode, uint64_t resolve)
{
	return (struct open_how){
		/* Unlike open(2), openat2(2) refuses what O_PATH makes meaningless. */
		.flags = (unsigned)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.mode = flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? mode : 0,
		.resolve = resolve,
	};
}

int open_in_root(int rootfd, const char *path, int flags, mode_t mode, struct error *err)
{
	struct open_how how =
		how_to_open(flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	int fd = open_how_retry(rootfd, path, &how);

	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s' inside the guest", path);
}

int open_beneath(int dirfd, const char *path, int flags, mode_t mode, struct error *err)
{
	struct open_how how =
		how_to_open(flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	int fd = open_how_retry(dirfd, path, &how);

	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s'", path);
}

int read_all(int fd, size_t max, struct strbuf *out, struct error *err)
{
	size_t start = out->len;
	size_t step = 4096;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		step = (size_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
	for (;;) {
		got = read(fd, strbuf_grow(out, step), step);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		out->len += (size_t)got;
		out->at[out->len] = '\0';
		if (out->len - start > max)
			return fail(err, EFBIG, "more than %zu bytes", max);
		if (step < 65536)
			step = 65536;
	}
	return got < 0 ? fail(err, errno, "cannot read") : 0;
}

int read_file(int dirfd, const char *path, size_t max, struct strbuf *out,
	      struct error *err)
{
	/* A FIFO in its place would block the open, and a device might do anything. */
	auto_close int fd = openat(
		dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(err, errno, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fail(err, 0, "'%s' is not a regular file", path);
	if (read_all(fd, max, out, err) < 0)
		return fail_in(err, "%s", path);
	return 0;
}

int write_all(int fd, const void *bytes, size_t len, struct error *err)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail(err, errno, "cannot write");
		at += put;
		len -= (size_t)put;
	}
	return 0;
}

enum durability { DURABLE, MADE_AGAIN };

static int create_temporary(int dirfd, const char *name, struct error *err)
{
	int fd = -1;

	/* A left-over of a killed process that had this pid is in the way at most. */
	for (int tries = 0; tries < 3 && fd < 0; tries++) {
		fd = openat(dirfd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == EEXIST)
			unlinkat(dirfd, name, 0);
		else if (fd < 0)
			break;
	}
	return fd >= 0 ? fd : fail(err, errno, "cannot create '%s'", name);
}

static int fill_temporary(int fd, int dirfd, const char *name, struct slice bytes,
			  mode_t mode, struct error *err)
{
	struct stat old;

	if (write_all(fd, bytes.at, bytes.len, err) < 0)
		return -1;
	if (fstatat(dirfd, name, &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(old.st_mode)) {
		mode = old.st_mode & 07777;
		if (fchown(fd, old.st_uid, old.st_gid) < 0)
			return fail(err, errno, "cannot keep the owner");
	}
	if (fchmod(fd, mode) < 0)
		return fail(err, errno, "cannot set the mode");
	return 0;
}

/* Survive a power failure; in front of the rename the bytes, behind it the name. */
static int sync_if(enum durability durability, int fd, const char *name, struct error *err)
{
	if (durability == DURABLE && fsync(fd) < 0)
		return fail(err, errno, "cannot sync '%s'", name);
	return 0;
}

/* flags as in renameat2(2). */
static int save(int dirfd, const char *name, struct slice bytes, mode_t mode,
		unsigned flags, enum durability durability, struct error *err)
{
	auto_free char *temporary = xasprintf("%s.tmp.%d", name, (int)getpid());
	auto_close int fd = create_temporary(dirfd, temporary, err);

	if (fd < 0)
		return -1;
	if (fill_temporary(fd, dirfd, name, bytes, mode, err) < 0 ||
	    sync_if(durability, fd, temporary, err) < 0) {
		unlinkat(dirfd, temporary, 0);
		return fail_in(err, "%s", name);
	}
	if (renameat2(dirfd, temporary, dirfd, name, flags) < 0) {
		fail(err, errno, "cannot rename '%s' to '%s'", temporary, name);
		unlinkat(dirfd, temporary, 0);
		return -1;
	}
	return sync_if(durability, dirfd, "its directory", err) < 0
		       ? fail_in(err, "%s", name)
		       : 0;
}

int save_file(int dirfd, const char *name, struct slice bytes, mode_t mode,
	      struct error *err)
{
	return save(dirfd, name, bytes, mode, 0, DURABLE, err);
}

int create_file(int dirfd, const char *name, struct slice bytes, mode_t mode,
		struct error *err)
{
	return save(dirfd, name, bytes, mode, RENAME_NOREPLACE, DURABLE, err);
}

static int save_at(const char *path, struct slice bytes, mode_t mode,
		   enum durability durability, struct error *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	auto_close int dirfd = open_dir(dir, err);

	if (dirfd < 0)
		return -1;
	if (save(dirfd, slash ? slash + 1 : path, bytes, mode, 0, durability, err) < 0)
		return fail_in(err, "%s", dir);
	return 0;
}

int save_path(const char *path, struct slice bytes, mode_t mode, struct error *err)
{
	return save_at(path, bytes, mode, DURABLE, err);
}

int save_generated(const char *path, struct slice bytes, mode_t mode, struct error *err)
{
	return save_at(path, bytes, mode, MADE_AGAIN, err);
}

int write_value(const char *path, const char *value, struct error *err)
{
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t len = strlen(value);

	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", path);
	if (write(fd, value, len) != (ssize_t)len)
		return fail(err, errno, "cannot write '%s' to '%s'", value, path);
	return 0;
}

int make_dir(const char *path, mode_t mode, struct error *err)
{
	struct stat st;
	int code;

	if (mkdir(path, mode) == 0)
		return 0;
	code = errno;
	if (code == EEXIST && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return fail(err, code, "cannot create directory '%s'", path);
}

int make_dirs(const char *path, mode_t mode, struct error *err)
{
	auto_free char *part = xstrdup(path);
	struct stat st;

	for (char *slash = part; slash && *slash; *slash = '/') {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return fail(err, errno, "cannot create directory '%s'", part);
		if (!slash)
			break;
	}
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return fail(err, ENOTDIR, "cannot create directory '%s'", path);
	return 0;
}

int open_dir(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : fail(err, errno, "cannot open directory '%s'", path);
}

bool path_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int remove_file(const char *path, struct error *err)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return fail(err, errno, "cannot remove '%s'", path);
	return 0;
}
