/* The attacks of runtime.md 13 items 1-6, 8, 36, 37 and 50 on real mounts. */
#include "mount_stage.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define EXCHANGE 2 /* RENAME_EXCHANGE */

/* A process that swaps two names until it is killed. */
static pid_t swap(const char *a, const char *b)
{
	auto_free char *one = at(a);
	auto_free char *two = at(b);
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, EXCHANGE);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

MOUNT_TEST("a symlink in the target refuses the mount, and nothing is made behind it")
{
	add_root();
	make("host");
	make("data");
	point("sub/mnt", "host");
	add("mp0", MOUNT_BIND, "data", "/mnt/x", plain);
	apply_fails("mp0: symlink encountered at: /mnt");
	EXPECT(!there("host/x"));
}

MOUNT_TEST("a symlink as the target itself, and a file on the way, are refused too")
{
	add_root();
	make("sub/mnt");
	make("data");
	point("sub/mnt/x", "data");
	put("sub/file", "x");
	add("mp0", MOUNT_BIND, "data", "/mnt/x", plain);
	apply_fails("mp0: symlink encountered at: /mnt/x");
	mount_plan_done(&plan);
	add("rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add("mp0", MOUNT_BIND, "data", "/file/x", plain);
	apply_fails("mp0: symlink encountered at: /file");
}

MOUNT_TEST("a bind source through a symlink is refused, also for a subvolume")
{
	make("real");
	make("real/sub");
	point("way", "real");
	add("rootfs", MOUNT_BIND, "way/sub", "/", plain);
	apply_fails("rootfs: symlink encountered at: @/way");
	mount_plan_done(&plan);
	add("rootfs", MOUNT_SUBVOL, "way", "/", plain);
	apply_fails("rootfs: symlink encountered at: @/way");
}

MOUNT_TEST("a source swapped for a symlink meanwhile is mounted as it was, or not at all")
{
	unsigned mounted = 0;
	pid_t pid;

	add_root();
	make("secret");
	put("secret/bad", "x");
	make("good");
	put("good/file", "x");
	point("link", "secret");
	add("mp0", MOUNT_BIND, "good", "/x", plain);
	pid = swap("good", "link");
	for (int i = 0; i < 200 || (!mounted && i < 5000); i++) {
		struct error err;
		auto_close int fd = apply(&err);

		EXPECT(!there("root/x/bad"));
		mounted += fd >= 0 && there("root/x/file");
		remove_all();
	}
	end(pid);
	EXPECT(mounted > 0);
}

MOUNT_TEST("a target swapped for a symlink meanwhile never leads out of the root")
{
	unsigned mounted = 0;
	pid_t pid;

	add_root();
	make("sub/mnt");
	make("sub/mnt/x");
	make("host");
	make("host/x");
	make("data");
	put("data/file", "x");
	point("sub/link", "host");
	add("mp0", MOUNT_BIND, "data", "/mnt/x/y", plain);
	pid = swap("sub/mnt", "sub/link");
	for (int i = 0; i < 200 || (!mounted && i < 5000); i++) {
		struct error err;
		auto_close int fd = apply(&err);

		EXPECT(!there("host/x/y"));
		mounted += fd >= 0;
		remove_all();
	}
	end(pid);
	EXPECT(mounted > 0);
}

MOUNT_TEST("a read-only bind and its staged original cannot be written")
{
	struct mountpoint ro = plain;

	add_root();
	make("data");
	ro.ro = 1;
	add("mp0", MOUNT_BIND, "data", "/x", ro);
	EXPECT(apply_ok());
	auto_free char *inside = at("root/x/file");
	auto_free char *staged = at("var/lib/lxc/.pve-staged-mounts/mp0/file");
	EXPECT(open(inside, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
	EXPECT(open(staged, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
	EXPECT(!there("data/file"));
}

MOUNT_TEST("what a guest unmounts stays pinned: its loop device is not free for others")
{
	make_image("disk.raw");
	add_root();
	add("mp0", MOUNT_IMAGE, "disk.raw", "/x", plain);
	EXPECT(apply_ok());
	auto_free char *inside = at("root/x");
	EXPECT(umount2(inside, UMOUNT_NOFOLLOW) == 0);
	EXPECT_INT(bound_loops("disk.raw"), 1);
	remove_all();
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

MOUNT_TEST("one image mounted twice on this host is one file system on one loop device")
{
	struct mountpoint ro = plain;

	make_image("disk.raw");
	add_root();
	ro.ro = 1;
	add("mp0", MOUNT_IMAGE, "disk.raw", "/a", plain);
	add("mp1", MOUNT_IMAGE, "disk.raw", "/b", ro);
	EXPECT(apply_ok());
	put("root/a/file", "x");
	EXPECT(there("root/b/file"));
	EXPECT_INT(bound_loops("disk.raw"), 1);
	auto_free char *second = at("root/b/more");
	EXPECT(open(second, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
}

MOUNT_TEST("an image without a file system, or with a broken one, is an error only")
{
	struct error err;

	make_image("disk.raw");
	auto_free char *image = at("disk.raw");
	auto_close int fd = open(image, O_RDWR | O_CLOEXEC);
	add("rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	/* Inode size and blocks per group, right behind what says ext4. */
	EXPECT(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1024 + 0x54) == 8 &&
	       pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1024 + 0x20) == 8);
	EXPECT(apply(&err) < 0);
	EXPECT(strncmp(err.text, "rootfs: image '/", 16) == 0);
	EXPECT(strstr(err.text, "disk.raw': /dev/loop") != NULL);
	EXPECT(pwrite(fd, "\0\0", 2, 0x438) == 2);
	EXPECT(apply(&err) < 0);
	EXPECT(strstr(err.text, "no known file system") != NULL);
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

MOUNT_TEST("kill -9 leaves no mount and no loop device")
{
	struct error err;
	pid_t pid;

	make_image("disk.raw");
	add("rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	pid = fork();
	if (pid == 0) {
		if (mount_private(&err) < 0 || apply(&err) < 0)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	int status = 0;
	EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	for (int i = 0; i < 100 && bound_loops("disk.raw"); i++)
		usleep(20000);
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

/* A host whose mounts are all shared, as systemd makes them. */
static char *share_all(int *mounts)
{
	char *before;
	struct error err;

	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	*mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	before = mounts_of(*mounts);
	EXPECT_INT(mount_private(&err), 0);
	return before;
}

MOUNT_TEST(
	"where the host's mounts are shared nothing leaks to it, also when made shared inside")
{
	auto_close int shared = -1;
	auto_free char *before = share_all(&shared);

	add_root();
	make("sub/tmp");
	make("data");
	add("mp0", MOUNT_BIND, "data", "/x", plain);
	EXPECT(apply_ok());
	auto_free char *root = at("root");
	auto_free char *inside = at("root/tmp");
	EXPECT(mount(NULL, root, NULL, MS_REC | MS_SHARED, NULL) == 0);
	EXPECT(mount("none", inside, "tmpfs", 0, NULL) == 0);
	auto_free char *now = mounts_of(shared);
	EXPECT_TEXT(now, before);
}

MOUNT_TEST("a file kept open in the root does not keep the rest from being unmounted")
{
	add_root();
	put("sub/file", "x");
	EXPECT(apply_ok());
	auto_free char *busy = at("root/file");
	auto_close int fd = open(busy, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	remove_all();
	EXPECT(!there("root/file"));
}
