#include "base/memexec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* since Linux 6.3 */
#endif

extern char **environ;

static int open_memory(const char *name)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_EXEC);

	return fd < 0 && errno == EINVAL ? memfd_create(name, flags) : fd;
}

static int copy(int from, int to, struct error *err)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return fail(err, errno, "cannot look at the program");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t put = sendfile(to, from, NULL, (size_t)left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return fail(err, put < 0 ? errno : EIO, "cannot copy the program");
		left -= put;
	}
	return 0;
}

int exec_sealed(const char *path, const char *const *argv, struct error *err)
{
	auto_close int from = open(path, O_RDONLY | O_CLOEXEC), to = -1;

	if (from < 0)
		return fail(err, errno, "cannot open '%s'", path);
	to = open_memory("pct");
	if (to < 0)
		return fail(err, errno, "cannot create a file in memory");
	if (copy(from, to, err) < 0)
		return fail_in(err, "%s", path);
	if (fcntl(to, F_ADD_SEALS, SEALS) < 0)
		return fail(err, errno, "cannot seal the copy of '%s'", path);
	fflush(NULL);
	fexecve(to, (char *const *)(uintptr_t)argv, environ);
	return fail(err, errno, "cannot run the copy of '%s'", path);
}

bool exec_is_sealed(void)
{
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}
