#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "lxc/cgroup.h"
#include "lxc/host.h"
#include "mount/mount.h"
#include "test.h"

#define VMID  987654321
#define DEPTH 150

/* A group inside a group, DEPTH times; false when this host does not allow it. */
static bool make_deep(const char *top)
{
	auto_close int at = -1;

	if (mkdir(top, 0755) < 0)
		return false;
	at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; at >= 0 && i < DEPTH; i++) {
		int next = mkdirat(at, "g", 0755) < 0
				   ? -1
				   : openat(at, "g", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		close_fd(&at);
		at = next;
	}
	return at >= 0;
}

TEST("groups that a guest nested deeper than we may open files are removed all the same")
{
	auto_free char *mount = cgroup_mount(cgroup_layout(), "pids");
	auto_free char *parent = xasprintf("%s/lxc", mount ? mount : "/nowhere");
	struct rlimit few = { 40, 40 };
	struct error err = { 0 };
	struct stat st;
	bool made_parent;

	EXPECT_INT(path_set_root(test_dir(), &err), 0);
	auto_free char *top = xasprintf("%s/%d%s", parent, VMID, lxc_cgroup_suffix());
	made_parent = mkdir(parent, 0755) == 0;
	if ((!made_parent && errno != EEXIST) || !make_deep(top)) {
		struct error ignored;

		cgroup_clean(VMID, &ignored);
		test_skip("cgroups cannot be made here");
		return;
	}
	EXPECT_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
	EXPECT_INT(cgroup_clean(VMID, &err), 0);
	EXPECT(stat(top, &st) < 0 && errno == ENOENT);
	if (made_parent)
		rmdir(parent);
}

/* cgroup.procs of the unified group that this process is in; NULL: there is none. */
static char *own_procs(void)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error err;

	EXPECT_INT(read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &err), 0);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		if (slice_starts(line, "0::")) {
			auto_free char *group = slice_dup(slice_from(line, strlen("0::")));
			bool mixed = path_exists("/sys/fs/cgroup/unified/cgroup.procs");

			return xasprintf("/sys/fs/cgroup%s%s/cgroup.procs",
					 mixed ? "/unified" : "", group);
		}
	return NULL;
}

TEST("moves are prepared by moving the process to where it is")
{
	auto_close int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	auto_free char *seen = xasprintf("%s/seen", test_dir());
	auto_free char *procs = own_procs();
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (geteuid() != 0 || !procs || !path_exists(procs)) {
		test_skip("needs root and a unified cgroup hierarchy");
		return;
	}
	EXPECT_INT(save_path(seen, slice(""), 0600, &err), 0);
	EXPECT_INT(mount_private(&err), 0);
	EXPECT(mount(seen, procs, NULL, MS_BIND, NULL) == 0);
	cgroup_prepare_moves();
	EXPECT(umount(procs) == 0);
	EXPECT_INT(read_file(AT_FDCWD, seen, 64, &text, &err), 0);
	EXPECT_TEXT(text.at, "0");
	EXPECT(setns(home, CLONE_NEWNS) == 0);
	cgroup_prepare_moves();
	auto_free char *now = own_procs();
	EXPECT_TEXT(now, procs);
}
