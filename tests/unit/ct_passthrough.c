/* Devices handed to a container (runtime.md 3.2, 3.4, 13 item 7). */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "ct/passthrough.h"
#include "mount/mount.h"

#define VMID 9211

static char dir[64];

/* Leaves this test's mount namespace again. */
static void leave(int *ns)
{
	if (*ns >= 0)
		EXPECT(setns(*ns, CLONE_NEWNS) == 0);
	close_fd(ns);
}
#define auto_leave __attribute__((cleanup(leave)))

static bool enter(int *ns)
{
	static unsigned number;
	struct error err;
	auto_free char *ct = NULL;

	if (geteuid() != 0) {
		test_skip("needs root");
		return false;
	}
	snprintf(dir, sizeof(dir), "%s/%u", test_dir(), number++);
	EXPECT(mkdir(dir, 0755) == 0);
	EXPECT_INT(path_set_root(dir, &err), 0);
	EXPECT_INT(path_make(PATH_LXC, &err), 0);
	ct = path_in(PATH_LXC, "%u", VMID);
	EXPECT_INT(make_dir(ct, 0755, &err), 0);
	*ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	EXPECT_INT(mount_private(&err), 0);
	return true;
}

static struct config *config_of(const char *text)
{
	return config_parse(slice(text), VMID, NULL);
}

TEST("a node gets its mode, its mapped owner and the device's numbers")
{
	auto_config struct config *config =
		config_of("dev0: /dev/null,gid=5,mode=0640,uid=7\ndev3: /dev/zero\n");
	auto_leave int ns = -1;
	struct idmap map = { 0 };
	struct error err;
	struct stat st;

	if (!enter(&ns))
		return;
	idmap_default(&map);
	EXPECT_INT(passthrough_make(config, &map, "/nowhere", &err), 0);
	auto_free char *node = path_in(PATH_LXC, "%u/passthrough/dev/null", VMID);
	EXPECT(stat(node, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
	EXPECT_INT(st.st_mode & 07777, 0640);
	EXPECT_INT(st.st_uid, 100007);
	EXPECT_INT(st.st_gid, 100005);
	EXPECT(open(node, O_RDONLY | O_CLOEXEC) >= 0);
}

TEST("a device that is missing or none is an error that names it")
{
	auto_leave int ns = -1;
	struct idmap map = { 0 };
	struct error err;

	if (!enter(&ns))
		return;
	auto_config struct config *missing = config_of("dev0: /dev/pct-missing\n");
	EXPECT(passthrough_make(missing, &map, "/nowhere", &err) < 0);
	EXPECT_TEXT(err.text, "dev0: Device /dev/pct-missing does not exist");
	auto_config struct config *directory = config_of("dev1: /dev/pts\n");
	EXPECT(passthrough_make(directory, &map, "/nowhere", &err) < 0);
	EXPECT_TEXT(err.text, "dev1: /dev/pts is not a device");
}

TEST("loop-control gets no node: it would hand out the host's loop devices")
{
	auto_config struct config *config = config_of("dev0: /dev/loop-control\n");
	auto_leave int ns = -1;
	struct idmap map = { 0 };
	struct error err;

	if (!path_exists("/dev/loop-control")) {
		test_skip("no /dev/loop-control");
		return;
	}
	if (!enter(&ns))
		return;
	auto_free char *node = path_in(PATH_LXC, "%u/passthrough/dev/loop-control", VMID);
	EXPECT_INT(passthrough_make(config, &map, "/nowhere", &err), 0);
	EXPECT(!path_exists(node));
}

TEST("256 devices fit, and the same one twice is one node")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_leave int ns = -1;
	struct idmap map = { 0 };
	struct error err;

	if (!enter(&ns))
		return;
	for (unsigned i = 0; i < 256; i++)
		strbuf_addf(&text, "dev%u: /dev/%s\n", i, i % 2 ? "null" : "zero");
	auto_config struct config *config = config_parse(strbuf_slice(&text), VMID, NULL);
	EXPECT_INT(passthrough_make(config, &map, "/nowhere", &err), 0);
}
