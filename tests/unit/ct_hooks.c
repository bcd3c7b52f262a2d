/* The hooks as LXC runs them, on real mounts and interfaces (runtime.md 3.2-3.5, 8.3). */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "ct/hooks.h"
#include "ct/report.h"
#include "ct/search.h"
#include "ct/volumes.h"

#define VMID 9212

static char dir[64];

static void leave(int *ns)
{
	if (*ns >= 0)
		EXPECT(setns(*ns, CLONE_NEWNS) == 0);
	close_fd(ns);
}
#define auto_leave __attribute__((cleanup(leave)))

static void make(enum path where)
{
	struct error err;

	EXPECT_INT(path_make(where, &err), 0);
}

static bool enter(int *ns)
{
	static unsigned number;
	struct error err;

	if (geteuid() != 0) {
		test_skip("needs root");
		return false;
	}
	snprintf(dir, sizeof(dir), "%s/%u", test_dir(), number++);
	EXPECT(chmod(test_dir(), 0755) == 0 && mkdir(dir, 0755) == 0);
	EXPECT_INT(path_set_root(dir, &err), 0);
	make(PATH_LXC);
	make(PATH_CONFIG);
	make(PATH_RUN_LXC);
	auto_free char *ct = path_in(PATH_LXC, "%u", VMID);
	auto_free char *sub = xasprintf("%s/sub", dir);
	EXPECT(mkdir(ct, 0755) == 0 && mkdir(sub, 0755) == 0);
	*ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	EXPECT_INT(mount_private(&err), 0);
	EXPECT(unshare(CLONE_NEWNET) == 0);
	return true;
}

static void write_config(const char *more)
{
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", VMID);
	auto_free char *text = xasprintf("arch: amd64\n%sostype: unmanaged\n"
					 "rootfs: %s/sub\nunprivileged: 1\n",
					 more, dir);
	struct error err;

	EXPECT_INT(save_path(path, slice(text), 0640, &err), 0);
}

static void touch(enum path where, const char *name)
{
	auto_free char *path = path_in(where, "%s", name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	EXPECT(fd >= 0);
	close_fd(&fd);
}

static bool there(enum path where, const char *name)
{
	auto_free char *path = path_in(where, "%s", name);

	return path_exists(path);
}

static char *text_of(const char *name)
{
	auto_free char *path = path_in(PATH_RUN, "%s", name);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	read_file(AT_FDCWD, path, 65536, &text, &err);
	return strbuf_take(&text);
}

static bool ip(const char *words)
{
	auto_free char *command = xasprintf("ip %s", words);
	const char *const argv[] = { "sh", "-c", command, NULL };
	struct error err;

	return process_run(&(struct process){ .argv = argv, .timeout_s = 20 }, &err) == 0;
}

TEST("pre-start mounts the volumes and the device directory; post-stop removes them")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("dev0: /dev/null\n");
	touch(PATH_LXC, "9212/reboot");
	touch(PATH_LXC, "9212/devices");
	auto_free char *inside = xasprintf("%s/sub/etc", dir);
	EXPECT(mkdir(inside, 0755) == 0);
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
	EXPECT(there(PATH_LXC, "9212/rootfs/etc"));
	EXPECT(there(PATH_LXC, "9212/passthrough/dev/null"));
	EXPECT(!there(PATH_LXC, "9212/reboot"));
	EXPECT(!there(PATH_LXC, "9212/devices"));
	EXPECT_INT(hook_post_stop(VMID, 0, &err), 0);
	EXPECT(!there(PATH_LXC, "9212/rootfs/etc"));
	EXPECT(!there(PATH_LXC, "9212/passthrough/dev"));
	EXPECT(!there(PATH_LXC, ".pve-staged-mounts/rootfs"));
}

TEST("a locked container does not start, unless the flag of --skiplock is there, once")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("lock: backup\n");
	EXPECT(hook_pre_start(VMID, &err) < 0);
	EXPECT_TEXT(err.text, "CT is locked (backup)");
	touch(PATH_RUN_LXC, "skiplock-9212");
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
	EXPECT(!there(PATH_RUN_LXC, "skiplock-9212"));
	EXPECT(hook_pre_start(VMID, &err) < 0);
	write_config("lock: mounted\n");
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
}

TEST("a warning of pre-start is one line of the file that the start prints")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("");
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", VMID);
	auto_free char *text = xasprintf("arch: amd64\nostype: unmanaged\n"
					 "rootfs: %s/sub,mountoptions=discard\n",
					 dir);
	EXPECT_INT(save_path(path, slice(text), 0640, &err), 0);
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
	auto_free char *warnings = text_of("ct-9212.warnings");
	EXPECT_TEXT(warnings,
		    "rootfs: mount option 'discard' has no effect on a directory\n");
}

TEST("a mount that fails aborts the start and leaves nothing mounted")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("mp0: /nowhere/at/all,mp=/x\n");
	EXPECT(hook_pre_start(VMID, &err) < 0);
	EXPECT_TEXT(err.text, "mp0: directory '/nowhere/at/all' does not exist");
	EXPECT(!there(PATH_LXC, ".pve-staged-mounts/rootfs"));
}

TEST("directories that the container's root may not search are named")
{
	struct idmap map = { 0 };
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("");
	auto_free char *lib = xasprintf("%s/var/lib", dir);
	auto_free char *want = xasprintf("the container's root (host uid 100000) may not "
					 "search directory '%s': chmod o+x '%s'",
					 lib, lib);
	EXPECT(chmod(lib, 0700) == 0);
	EXPECT(hook_pre_start(VMID, &err) < 0);
	EXPECT_TEXT(err.text, want);
	EXPECT_INT(search_check(lib, &map, &err), 0);
	EXPECT(chmod(lib, 0711) == 0);
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
}

TEST("a veth that an earlier start left is deleted, another root's stops the start")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("net0: name=eth0,bridge=tbr-m0,hwaddr=AA:BB:CC:00:11:22,type=veth\n");
	EXPECT(ip("link add veth9212i0 type veth peer name vethpeer"));
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
	EXPECT(!ip("link show dev veth9212i0"));
	EXPECT(ip("link add veth9212i0 type veth peer name vethpeer"));
	EXPECT(ip("link set veth9212i0 alias someone"));
	EXPECT(hook_pre_start(VMID, &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9212i0' belongs to 'someone'");
}

TEST("net up takes this container's own interfaces only")
{
	static const char *const bad[] = { "veth9213i0", "eth0",      "veth9212i0;x",
					   "",           "../../etc", "veth9212i0 " };
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("net0: name=eth0,bridge=tbr-m0,hwaddr=AA:BB:CC:00:11:22,type=veth\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_free char *want =
			xasprintf("'%s' is not an interface of container 9212", bad[i]);

		EXPECT(hook_net_up(VMID, bad[i], &err) < 0);
		EXPECT_TEXT(err.text, want);
	}
	EXPECT(hook_net_up(VMID, "veth9212i1", &err) < 0);
}

TEST("net up plugs the interface into its bridge; without the bridge the start fails")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	make(PATH_RUN);
	write_config("net0: name=eth0,bridge=tbr-m0,firewall=1,hwaddr=AA:BB:CC:00:11:22,"
		     "type=veth\n");
	EXPECT(ip("link add veth9212i0 type veth peer name vethpeer"));
	EXPECT(hook_net_up(VMID, "veth9212i0", &err) < 0);
	EXPECT_TEXT(err.text, "bridge 'tbr-m0' does not exist");
	EXPECT(ip("link add tbr-m0 type bridge"));
	EXPECT_INT(hook_net_up(VMID, "veth9212i0", &err), 0);
	EXPECT(ip("link show dev veth9212i0 | grep -q 'master tbr-m0'"));
	auto_free char *warnings = text_of("ct-9212.warnings");
	EXPECT_TEXT(warnings, "net0: firewall: no rules are installed\n");
}

TEST("a post-stop step that fails does not keep the others from being done")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	write_config("net0: name=eth0,bridge=tbr-m0,hwaddr=AA:BB:CC:00:11:22,type=veth\n"
		     "net1: name=eth1,bridge=tbr-m0,hwaddr=AA:BB:CC:00:11:23,type=veth\n");
	EXPECT_INT(hook_pre_start(VMID, &err), 0);
	EXPECT(ip("link add veth9212i0 type veth peer name vethpeer"));
	EXPECT(ip("link set veth9212i0 alias someone"));
	EXPECT(ip("link add veth9212i1 type veth peer name vethpeer2"));
	auto_free char *busy = path_in(PATH_LXC, "%u/rootfs", VMID);
	auto_close int open_inside = open(busy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT(open_inside >= 0);
	EXPECT(hook_post_stop(VMID, 0, &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9212i0' belongs to 'someone'");
	EXPECT(!ip("link show dev veth9212i1"));
	EXPECT(!there(PATH_LXC, "9212/passthrough/devices"));
	EXPECT(!there(PATH_LXC, ".pve-staged-mounts/rootfs"));
}

TEST("hooks of a container without a configuration file do nothing")
{
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	EXPECT_INT(hook_post_stop(VMID, 1, &err), 0);
	EXPECT(!there(PATH_LXC, "9212/reboot"));
}

TEST("what is reported stays on one line, without control characters")
{
	auto_leave int ns = -1;

	if (!enter(&ns))
		return;
	report_error(VMID, "one\ntwo\x1b[31m");
	auto_free char *text = text_of("ct-9212.error");
	EXPECT_TEXT(text, "one?two?[31m\n");
}

TEST("the plan of a container without rootfs, or on a storage without containers, fails")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_storages struct storages storages = { 0 };
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	auto_config struct config *none =
		config_parse(slice("mp0: /x,mp=/y\n"), VMID, NULL);
	EXPECT(volumes_plan(none, &storages, 0, &plan, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "missing 'rootfs' configuration");
	make(PATH_ETC);
	auto_free char *cfg = path_in(PATH_ETC, "storage.cfg");
	auto_free char *text = xasprintf("dir: data\n\tpath %s\n\tcontent iso\n", dir);
	EXPECT_INT(save_path(cfg, slice(text), 0644, &err), 0);
	storages_load(&storages, NULL);
	auto_config struct config *other = config_parse(
		slice("rootfs: data:9212/vm-9212-disk-0.raw,size=1G\n"), VMID, NULL);
	EXPECT(volumes_plan(other, &storages, 0, &plan, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "rootfs: storage 'data' does not support containers");
}

TEST("volumes keep their order and kinds: storage, bind, device")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_leave int ns = -1;
	struct error err;

	if (!enter(&ns))
		return;
	storages_load(&storages, NULL);
	auto_config struct config *config = config_parse(
		slice("mp10: /dev/loop7,mp=/d\nmp2: /srv,mp=/s\n"
		      "rootfs: local:9212/vm-9212-disk-0.raw,size=1G\nunprivileged: 1\n"),
		VMID, NULL);
	EXPECT_INT(volumes_plan(config, &storages, 0, &plan, &notes, &err), 0);
	EXPECT_INT(plan.count, 3);
	EXPECT_INT(idmap_root(&plan.map, 'u'), 100000);
	if (plan.count != 3)
		return;
	EXPECT_TEXT(plan.at[0].key, "rootfs");
	EXPECT_INT(plan.at[0].kind, MOUNT_IMAGE);
	EXPECT_TEXT(plan.at[1].key, "mp2");
	EXPECT_INT(plan.at[1].kind, MOUNT_BIND);
	EXPECT_TEXT(plan.at[2].key, "mp10");
	EXPECT_INT(plan.at[2].kind, MOUNT_DEVICE);
}
