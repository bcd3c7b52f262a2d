#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/file.h"
#include "base/own.h"
#include "base/sandbox.h"
#include "test.h"

static const uint64_t caps = SANDBOX_CAP(CAP_CHOWN) | SANDBOX_CAP(CAP_DAC_OVERRIDE) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID);

static int run_with(unsigned flags, size_t report_max,
		    int (*body)(void *, const struct sandbox_io *, struct error *),
		    const struct idmap *map, struct strbuf *report, struct error *err)
{
	auto_free char *root = xasprintf("%s/root", test_dir());
	auto_close int rootfd = -1;

	if (make_dir(root, 0755, err) < 0 ||
	    chown(root, idmap_root(map, 'u'), idmap_root(map, 'g')) < 0)
		return -1;
	rootfd = open_dir(root, err);
	return sandbox_run(&(struct sandbox){ .rootfd = rootfd,
					      .map = map,
					      .keep_caps = caps,
					      .flags = SANDBOX_CLONE | flags,
					      .report_max = report_max,
					      .timeout_s = 2,
					      .file_max = 1024 * 1024 },
			   body, NULL, report, err);
}

static int run(int (*body)(void *, const struct sandbox_io *, struct error *),
	       const struct idmap *map, struct strbuf *report, struct error *err)
{
	return run_with(0, 0, body, map, report, err);
}

static bool is_root(void)
{
	if (geteuid() == 0)
		return true;
	test_skip("needs root");
	return false;
}

static int write_file(void *arg, const struct sandbox_io *io, struct error *err)
{
	(void)arg;
	return save_file(io->root, "made", slice("x"), 0644, err);
}

TEST("a file made in the sandbox belongs to the mapped root")
{
	struct idmap map;
	struct stat st;
	struct error err;
	auto_free char *made = xasprintf("%s/root/made", test_dir());

	if (!is_root())
		return;
	idmap_default(&map);
	EXPECT_INT(run(write_file, &map, NULL, &err), 0);
	EXPECT(stat(made, &st) == 0 && st.st_uid == 100000 && st.st_gid == 100000);
	map.count = 0;
	EXPECT_INT(unlink(made), 0);
	EXPECT_INT(run(write_file, &map, NULL, &err), 0);
	EXPECT(stat(made, &st) == 0 && st.st_uid == 0);
}

static int try_to_leave(void *arg, const struct sandbox_io *io, struct error *err)
{
	(void)arg;
	if (openat(io->root, "../../../../../../etc/passwd", O_RDONLY) >= 0 ||
	    open("/proc/self/status", O_RDONLY) >= 0)
		return fail(err, 0, "the host's files are open");
	if (mount("none", "/", "tmpfs", 0, NULL) == 0 || chroot("/") == 0 ||
	    socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || unshare(0x10000000) == 0 ||
	    mknodat(io->root, "node", S_IFCHR | 0600, makedev(1, 3)) == 0)
		return fail(err, 0, "a forbidden call worked");
	execl("/bin/true", "true", (char *)NULL);
	if (errno != EPERM)
		return fail(err, errno, "execve was not refused");
	return write_all(io->report, "safe", 4, err);
}

TEST("inside the sandbox there is no host file, mount, socket, device node or program")
{
	auto_strbuf struct strbuf report = STRBUF_INIT;
	struct idmap map;
	struct error err = { 0 };

	if (!is_root())
		return;
	idmap_default(&map);
	EXPECT_INT(run(try_to_leave, &map, &report, &err), 0);
	EXPECT_TEXT(report.at, "safe");
	EXPECT_TEXT(err.text, "");
	map.count = 0;
	strbuf_cut(&report, 0);
	EXPECT_INT(run(try_to_leave, &map, &report, &err), 0);
	EXPECT_TEXT(report.at, "safe");
}

static int hang(void *arg, const struct sandbox_io *io, struct error *err)
{
	(void)arg, (void)io, (void)err;
	pause();
	return 0;
}

/* As a helper that the tree's owner has taken over might. */
static int hide(void *arg, const struct sandbox_io *io, struct error *err)
{
	syscall(SYS_close_range, 3U, ~0U, 0);
	return hang(arg, io, err);
}

static int flood(void *arg, const struct sandbox_io *io, struct error *err)
{
	static const char bytes[4096];

	(void)arg;
	while (write_all(io->report, bytes, sizeof(bytes), err) == 0)
		;
	return -1;
}

static int die(void *arg, const struct sandbox_io *io, struct error *err)
{
	(void)arg, (void)io, (void)err;
	raise(SIGKILL);
	return 0;
}

static int refuse(void *arg, const struct sandbox_io *io, struct error *err)
{
	(void)arg, (void)io;
	return fail(err, ENOTDIR, "no");
}

TEST("a helper that hangs, floods, dies or fails is a clear failure, in time")
{
	struct idmap map;
	struct error err;

	if (!is_root())
		return;
	idmap_default(&map);
	EXPECT_INT(run(hang, &map, NULL, &err), -1);
	EXPECT(strstr(err.text, "did not finish within 2 s") != NULL);
	EXPECT_INT(run(hide, &map, NULL, &err), -1);
	EXPECT(strstr(err.text, "did not finish within 2 s") != NULL);
	EXPECT_INT(run(flood, &map, NULL, &err), -1);
	EXPECT(strstr(err.text, "report is too long") != NULL);
	EXPECT_INT(run(die, &map, NULL, &err), -1);
	EXPECT_TEXT(err.text, "the helper got signal 9");
	EXPECT_INT(run(refuse, &map, NULL, &err), -1);
	EXPECT_TEXT(err.text, "no: Not a directory");
	EXPECT_INT(err.code, ENOTDIR);
}

TEST("an id map without container root is refused before anything runs")
{
	struct idmap map = { .range = { { 'u', 1, 1000, 1 } }, .count = 1 };
	struct error err;

	EXPECT_INT(run(write_file, &map, NULL, &err), -1);
	EXPECT_TEXT(err.text, "the id map has no entry for container id 0");
}

TEST("in a sandbox that only looks nothing can be written")
{
	auto_free char *made = xasprintf("%s/root/made", test_dir());
	struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	for (int way = 0; way < 2; way++) {
		if (way)
			idmap_default(&map);
		unlink(made);
		EXPECT_INT(run_with(SANDBOX_READ_ONLY, 0, write_file, &map, NULL, &err),
			   -1);
		EXPECT_INT(err.code, EROFS);
		EXPECT(access(made, F_OK) < 0);
	}
}

static int tell_much(void *arg, const struct sandbox_io *io, struct error *err)
{
	static const char bytes[100000];

	(void)arg;
	return write_all(io->report, bytes, sizeof(bytes), err);
}

TEST("a report is as long as the caller allows, and not a byte longer")
{
	auto_strbuf struct strbuf report = STRBUF_INIT;
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	EXPECT_INT(run_with(0, 100000, tell_much, &map, &report, &err), 0);
	EXPECT_INT(report.len, 100000);
	EXPECT_INT(run_with(0, 99999, tell_much, &map, NULL, &err), -1);
	EXPECT_INT(run_with(0, 0, tell_much, &map, NULL, &err), -1);
	EXPECT(strstr(err.text, "report is too long") != NULL);
}
