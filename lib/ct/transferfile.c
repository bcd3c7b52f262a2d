#include "ct/transferfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"

#define CHUNK      65536
#define PSEUDO_MAX (1 << 20)
#define ANSWER_S   30

void transfer_watch(void)
{
	signal(SIGALRM, SIG_DFL);
	alarm(ANSWER_S);
}

int transfer_perms(const char *text, long long *perms, struct error *err)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	size_t valid = strspn(digits, hex ? "0123456789abcdefABCDEF" : "01234567");
	long value;

	if (valid == 0 || digits[valid] != '\0' || valid > 8)
		return fail(err, 0, "invalid mode: '%s'", text);
	value = strtol(digits, NULL, hex ? 16 : 8);
	if (value > 07777)
		return fail(err, 0, "invalid mode: '%s'", text);
	*perms = value;
	return 0;
}

static int fail_create(const char *path, int code, struct error *err)
{
	return fail(err, code, "failed to create file: %s", path);
}

int transfer_create(const char *path, bool *is_new, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY | O_CLOEXEC, 0);

	*is_new = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : fail_create(path, errno, err);
}

int transfer_create_inside(int root, const char *path, bool nofollow, bool *is_new,
			   struct error *err)
{
	const int old = O_WRONLY | O_NONBLOCK | (nofollow ? O_NOFOLLOW : 0);
	auto_close int fd = open_in_root(root, path, O_WRONLY | O_CREAT | O_EXCL, 0, err);

	*is_new = fd >= 0;
	if (fd < 0 && err->code == EEXIST)
		fd = open_in_root(root, path, old, 0, err);
	if (fd < 0)
		return fail_create(path, err->code, err);
	return transfer_check_regular(fd, path, err) < 0 ? -1 : take_fd(&fd);
}

void transfer_remove_inside(int root, const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir =
		slash ? xstrndup(path, (size_t)(slash + 1 - path)) : xstrdup(".");
	struct error ignored;
	auto_close int dirfd = open_in_root(root, dir, O_PATH | O_DIRECTORY, 0, &ignored);

	if (dirfd >= 0)
		unlinkat(dirfd, slash ? slash + 1 : path, 0);
}

int transfer_check_regular(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, errno, "failed to open %s", path);
	if (S_ISDIR(st.st_mode))
		return fail(err, EISDIR, "failed to open %s", path);
	if (!S_ISREG(st.st_mode))
		return fail(err, 0, "failed to open %s: not a regular file", path);
	return 0;
}

/* What stands in a file of the host may be a device or a pipe. */
static int empty(int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	return ftruncate(fd, 0) == 0 ? 0 : fail(err, errno, "cannot empty the file");
}

int transfer_copy(int from, int to, struct error *err)
{
	char bytes[CHUNK];
	struct stat st;
	uint64_t left;

	if (fstat(from, &st) < 0)
		return fail(err, errno, "cannot stat the file");
	left = st.st_size > 0 ? (uint64_t)st.st_size : PSEUDO_MAX;
	if (empty(to, err) < 0)
		return -1;
	while (left > 0) {
		ssize_t got = read(from, bytes, left < CHUNK ? left : CHUNK);

		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return fail(err, errno, "cannot read the file");
		if (interrupt_check(err) < 0 ||
		    (got > 0 && write_all(to, bytes, (size_t)got, err) < 0))
			return -1;
		left -= got > 0 ? (uint64_t)got : 0;
		alarm(ANSWER_S);
	}
	return 0;
}

/* The owner first: a change of it takes the set-id bits away. */
int transfer_finish(int fd, bool is_new, const struct transfer_mode *mode,
		    struct error *err)
{
	if ((mode->uid >= 0 || mode->gid >= 0) &&
	    fchown(fd, (uid_t)mode->uid, (gid_t)mode->gid) < 0)
		return fail(err, errno, "cannot change the owner of the file");
	if ((is_new || mode->perms >= 0) &&
	    fchmod(fd, mode->perms >= 0 ? (mode_t)mode->perms : mode->new_mode) < 0)
		return fail(err, errno, "cannot change the mode of the file");
	return 0;
}

int transfer_close(int *fd, const char *path, struct error *err)
{
	return close(take_fd(fd)) == 0 ? 0 : fail(err, errno, "cannot write %s", path);
}
