#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "lxc/cgroup.h"
#include "lxc/host.h"
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
