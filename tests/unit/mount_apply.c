/*
 * Real mounts, each test in a mount namespace of its own, and the attacks of
 * runtime.md 13 items 1-6, 8, 36, 37 and 50.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "mount/mount.h"

#define EXCHANGE 2 /* RENAME_EXCHANGE */

static char dir[64]; /* of the running test; below it is a PCT_ROOT */

static const struct mountpoint plain = {
	.acl = -1, .ro = -1, .quota = -1, .keepattrs = -1
};

static char *at(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void make(const char *name)
{
	auto_free char *path = at(name);

	EXPECT(mkdir(path, 0755) == 0 || errno == EEXIST);
}

static void put(const char *name, const char *text)
{
	auto_free char *path = at(name);
	struct error err;

	EXPECT_INT(save_path(path, slice(text), 0644, &err), 0);
}

static bool there(const char *name)
{
	auto_free char *path = at(name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static void point(const char *name, const char *to)
{
	auto_free char *path = at(name);
	auto_free char *target = at(to);

	EXPECT(symlink(target, path) == 0);
}

static bool run(const char *const *argv)
{
	struct error err;

	if (process_run(&(struct process){ .argv = argv, .timeout_s = 30 }, &err) == 0)
		return true;
	printf("# %s\n", err.text);
	return false;
}

static bool make_image(const char *name)
{
	auto_free char *path = at(name);
	const char *const argv[] = {
		"mkfs.ext4", "-q", "-F", "-O", "mmp", "-E", "root_owner=100000:100000",
		path,        NULL
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	EXPECT(fd >= 0 && ftruncate(fd, 8 << 20) == 0);
	close_fd(&fd);
	return run(argv);
}

/* The mounts of the namespace in which fd was opened, as they are now. */
static char *mounts_of(int fd)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	lseek(fd, 0, SEEK_SET);
	EXPECT_INT(read_all(fd, 1 << 20, &text, &err), 0);
	return strbuf_take(&text);
}

/* What a test sees and compares of the world outside its own namespace. */
struct outside {
	int ns, mounts;
	char *before;
};

static bool go_inside(struct outside *outside)
{
	static unsigned number;
	struct error err;

	*outside = (struct outside){ .ns = -1, .mounts = -1 };
	if (geteuid() != 0) {
		test_skip("needs root");
		return false;
	}
	snprintf(dir, sizeof(dir), "%s/%u", test_dir(), number++);
	EXPECT(mkdir(dir, 0755) == 0);
	EXPECT_INT(path_set_root(dir, &err), 0);
	EXPECT_INT(path_make(PATH_LXC, &err), 0);
	outside->ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	outside->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	outside->before = mounts_of(outside->mounts);
	EXPECT_INT(mount_private(&err), 0);
	return true;
}

static void check_outside(const struct outside *outside)
{
	auto_free char *now = mounts_of(outside->mounts);

	EXPECT_TEXT(now, outside->before);
}

static void go_outside(struct outside *outside)
{
	if (outside->ns < 0)
		return;
	check_outside(outside);
	EXPECT(setns(outside->ns, CLONE_NEWNS) == 0);
	close_fd(&outside->ns);
	close_fd(&outside->mounts);
	free_ptr(&outside->before);
}

#define auto_outside __attribute__((cleanup(go_outside)))

static struct mount_plan new_plan(void)
{
	return (struct mount_plan){ .uid = 100000, .gid = 100000 };
}

static void add(struct mount_plan *plan, const char *key, enum mount_kind kind,
		const char *source, const char *target, struct mountpoint mp)
{
	auto_free char *path = at(source);
	auto_free char *inside = xstrdup(target);
	struct error err;

	mp.mp = inside;
	if (mount_plan_add(plan, key, &mp, kind, path, false, 0, NULL, &err) < 0) {
		printf("# %s\n", err.text);
		EXPECT(false);
	}
}

static int apply(const struct mount_plan *plan, struct error *err)
{
	auto_free char *root = at("root");

	return mount_apply(plan, root, err);
}

static bool apply_ok(const struct mount_plan *plan)
{
	struct error err;
	auto_close int fd = apply(plan, &err);

	if (fd < 0)
		printf("# %s\n", err.text);
	return fd >= 0;
}

static void apply_fails(const struct mount_plan *plan, const char *fmt)
{
	struct error err;
	auto_close int fd = apply(plan, &err);
	auto_free char *now = NULL;
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	EXPECT(fd < 0);
	if (fd < 0) {
		auto_strbuf struct strbuf want = STRBUF_INIT;

		/* '@' stands for the test's directory. */
		for (; *fmt; fmt++)
			if (*fmt == '@')
				strbuf_adds(&want, dir);
			else
				strbuf_addc(&want, *fmt);
		EXPECT_TEXT(err.text, want.at);
	}
	now = mounts_of(mounts);
	EXPECT(strstr(now, dir) == NULL);
}

static void remove_all(void)
{
	auto_free char *root = at("root");
	struct error err;

	EXPECT_INT(mount_remove(root, &err), 0);
}

static unsigned bound_loops(const char *image)
{
	auto_free char *path = at(image);
	auto_dir DIR *sys = opendir("/sys/block");
	struct dirent *entry;
	unsigned count = 0;

	while (sys && (entry = readdir(sys))) {
		auto_free char *file =
			xasprintf("/sys/block/%s/loop/backing_file", entry->d_name);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error err;

		if (read_file(AT_FDCWD, file, 4096, &text, &err) == 0 &&
		    slice_is(slice_trim(strbuf_slice(&text)), path))
			count++;
	}
	return count;
}

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

TEST("a subvolume becomes the root; its mount points are made for the mapped root")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct stat st;

	if (!go_inside(&outside))
		return;
	make("sub");
	make("data");
	put("data/file", "x");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/mnt/deep", plain);
	EXPECT(apply_ok(&plan));
	EXPECT(there("root/mnt/deep/file"));
	auto_free char *made = at("root/mnt");
	EXPECT(stat(made, &st) == 0 && st.st_uid == 100000 && st.st_gid == 100000);
	EXPECT_INT(st.st_mode & 07777, 0755);
	check_outside(&outside);
	remove_all();
	EXPECT(!there("root/mnt"));
	EXPECT(there("sub/mnt/deep"));
}

TEST("a mount point inside another one lands on that volume")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("sub");
	make("a");
	make("b");
	put("b/file", "x");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "a", "/a", plain);
	add(&plan, "mp1", MOUNT_BIND, "b", "/a/b", plain);
	EXPECT(apply_ok(&plan));
	EXPECT(there("root/a/b/file"));
	EXPECT(there("a/b"));
	EXPECT(!there("sub/a/b"));
}

TEST("a symlink in the target refuses the mount, and nothing is made behind it")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("sub");
	make("host");
	make("data");
	point("sub/mnt", "host");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/mnt/x", plain);
	apply_fails(&plan, "mp0: symlink encountered at: /mnt");
	EXPECT(!there("host/x"));
}

TEST("a symlink as the target itself, and a file on the way, are refused too")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("sub");
	make("sub/mnt");
	make("data");
	point("sub/mnt/x", "data");
	put("sub/file", "x");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/mnt/x", plain);
	apply_fails(&plan, "mp0: symlink encountered at: /mnt/x");
	mount_plan_done(&plan);
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/file/x", plain);
	apply_fails(&plan, "mp0: symlink encountered at: /file");
}

TEST("a bind source through a symlink is refused, also for a subvolume")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("real");
	make("real/sub");
	point("way", "real");
	add(&plan, "rootfs", MOUNT_BIND, "way/sub", "/", plain);
	apply_fails(&plan, "rootfs: symlink encountered at: @/way");
	mount_plan_done(&plan);
	add(&plan, "rootfs", MOUNT_SUBVOL, "way", "/", plain);
	apply_fails(&plan, "rootfs: symlink encountered at: @/way");
}

TEST("a source that is missing, a file, or no image is told by its name")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	put("file", "not an image");
	add(&plan, "rootfs", MOUNT_BIND, "nothing", "/", plain);
	apply_fails(&plan, "rootfs: directory '@/nothing' does not exist");
	plan.at[0].kind = MOUNT_IMAGE;
	apply_fails(&plan,
		    "rootfs: cannot open image '@/nothing': No such file or directory");
	plan.at[0].kind = MOUNT_DEVICE;
	apply_fails(&plan,
		    "rootfs: cannot open device '@/nothing': No such file or directory");
	mount_plan_done(&plan);
	add(&plan, "rootfs", MOUNT_BIND, "file", "/", plain);
	apply_fails(&plan, "rootfs: directory '@/file' does not exist");
	plan.at[0].kind = MOUNT_DEVICE;
	apply_fails(&plan, "rootfs: '@/file' is not a block device");
	mount_plan_done(&plan);
	make("directory");
	add(&plan, "rootfs", MOUNT_IMAGE, "directory", "/", plain);
	plan.at[0].ro = true;
	apply_fails(&plan, "rootfs: image '@/directory' is not a regular file");
}

TEST("a source swapped for a symlink meanwhile is mounted as it was, or not at all")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	unsigned mounted = 0;
	pid_t pid;

	if (!go_inside(&outside))
		return;
	make("sub");
	make("secret");
	put("secret/bad", "x");
	make("good");
	put("good/file", "x");
	point("link", "secret");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "good", "/x", plain);
	pid = swap("good", "link");
	for (int i = 0; i < 200 || (!mounted && i < 5000); i++) {
		struct error err;
		auto_close int fd = apply(&plan, &err);

		EXPECT(!there("root/x/bad"));
		mounted += fd >= 0 && there("root/x/file");
		remove_all();
	}
	end(pid);
	EXPECT(mounted > 0);
}

TEST("a target swapped for a symlink meanwhile never leads out of the root")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	unsigned mounted = 0;
	pid_t pid;

	if (!go_inside(&outside))
		return;
	make("sub");
	make("sub/mnt");
	make("sub/mnt/x");
	make("host");
	make("host/x");
	make("data");
	put("data/file", "x");
	point("sub/link", "host");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/mnt/x/y", plain);
	pid = swap("sub/mnt", "sub/link");
	for (int i = 0; i < 200 || (!mounted && i < 5000); i++) {
		struct error err;
		auto_close int fd = apply(&plan, &err);

		EXPECT(!there("host/x/y"));
		mounted += fd >= 0;
		remove_all();
	}
	end(pid);
	EXPECT(mounted > 0);
}

TEST("a read-only bind and its staged original cannot be written")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct mountpoint ro = plain;

	if (!go_inside(&outside))
		return;
	make("sub");
	make("data");
	ro.ro = 1;
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/x", ro);
	EXPECT(apply_ok(&plan));
	auto_free char *inside = at("root/x/file");
	auto_free char *staged = at("var/lib/lxc/.pve-staged-mounts/mp0/file");
	EXPECT(open(inside, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
	EXPECT(open(staged, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
	EXPECT(!there("data/file"));
}

TEST("nodev, nosuid, noexec and noatime are in force on the mount")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct mountpoint mp = plain;
	char options[] = "nodev;nosuid;noexec;noatime";

	if (!go_inside(&outside))
		return;
	make("sub");
	mp.mountoptions = options;
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", mp);
	EXPECT(apply_ok(&plan));
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	auto_free char *want = xasprintf(" %s/root rw,nosuid,nodev,noexec,noatime ", dir);
	EXPECT(strstr(text, want) != NULL);
}

TEST("keepattrs gives the volume owner and mode of the directory it covers")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct mountpoint mp = plain;
	struct stat st;

	if (!go_inside(&outside))
		return;
	make("sub");
	make("sub/x");
	make("data");
	auto_free char *covered = at("sub/x");
	auto_free char *data = at("data");
	EXPECT(chown(covered, 100033, 100034) == 0 && chmod(covered, 02751) == 0);
	mp.keepattrs = 1;
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/x", mp);
	EXPECT(apply_ok(&plan));
	EXPECT(stat(data, &st) == 0 && st.st_uid == 100033 && st.st_gid == 100034);
	EXPECT_INT(st.st_mode & 07777, 02751);
}

TEST("an image is mounted with errors=remount-ro, and its loop device goes with it")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside) || !make_image("disk.raw"))
		return;
	add(&plan, "rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	EXPECT(apply_ok(&plan));
	EXPECT(there("root/lost+found"));
	put("root/file", "x");
	EXPECT_INT(bound_loops("disk.raw"), 1);
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	EXPECT(strstr(text, "errors=remount-ro") != NULL);
	check_outside(&outside);
	remove_all();
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

TEST("a base image is mounted read-only and without its journal")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct error err;

	if (!go_inside(&outside) || !make_image("base.raw"))
		return;
	auto_free char *image = at("base.raw");
	EXPECT_INT(mount_plan_add(&plan, "rootfs", &plain, MOUNT_IMAGE, image, true, 0,
				  NULL, &err),
		   0);
	EXPECT(apply_ok(&plan));
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	EXPECT(strstr(text, " ro,") != NULL && strstr(text, "norecovery") != NULL);
}

TEST("what a guest unmounts stays pinned: its loop device is not free for others")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside) || !make_image("disk.raw"))
		return;
	make("sub");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_IMAGE, "disk.raw", "/x", plain);
	EXPECT(apply_ok(&plan));
	auto_free char *inside = at("root/x");
	EXPECT(umount2(inside, UMOUNT_NOFOLLOW) == 0);
	EXPECT_INT(bound_loops("disk.raw"), 1);
	remove_all();
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

TEST("one image mounted twice on this host is one file system on one loop device")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct mountpoint ro = plain;

	if (!go_inside(&outside) || !make_image("disk.raw"))
		return;
	make("sub");
	ro.ro = 1;
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_IMAGE, "disk.raw", "/a", plain);
	add(&plan, "mp1", MOUNT_IMAGE, "disk.raw", "/b", ro);
	EXPECT(apply_ok(&plan));
	put("root/a/file", "x");
	EXPECT(there("root/b/file"));
	EXPECT_INT(bound_loops("disk.raw"), 1);
	auto_free char *second = at("root/b/more");
	EXPECT(open(second, O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
}

TEST("an image without a file system, or with a broken one, is an error only")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct error err;

	if (!go_inside(&outside) || !make_image("disk.raw"))
		return;
	auto_free char *image = at("disk.raw");
	auto_close int fd = open(image, O_RDWR | O_CLOEXEC);
	add(&plan, "rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	/* Inode size and blocks per group, right behind what says ext4. */
	EXPECT(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1024 + 0x54) == 8 &&
	       pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1024 + 0x20) == 8);
	EXPECT(apply(&plan, &err) < 0);
	EXPECT(strncmp(err.text, "rootfs: image '/", 16) == 0);
	EXPECT(strstr(err.text, "disk.raw': /dev/loop") != NULL);
	EXPECT(pwrite(fd, "\0\0", 2, 0x438) == 2);
	EXPECT(apply(&plan, &err) < 0);
	EXPECT(strstr(err.text, "no known file system") != NULL);
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

TEST("kill -9 leaves no mount and no loop device")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	struct error err;
	pid_t pid;

	if (!go_inside(&outside) || !make_image("disk.raw"))
		return;
	add(&plan, "rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	pid = fork();
	if (pid == 0) {
		if (mount_private(&err) < 0 || apply(&plan, &err) < 0)
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
static bool go_shared(struct outside *outside, int *mounts, char **before)
{
	struct error err;

	if (!go_inside(outside))
		return false;
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	*mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	*before = mounts_of(*mounts);
	EXPECT_INT(mount_private(&err), 0);
	return true;
}

TEST("where the host's mounts are shared nothing leaks to it, also when made shared inside")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();
	auto_close int shared = -1;
	auto_free char *before = NULL;

	if (!go_shared(&outside, &shared, &before))
		return;
	make("sub");
	make("sub/tmp");
	make("data");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	add(&plan, "mp0", MOUNT_BIND, "data", "/x", plain);
	EXPECT(apply_ok(&plan));
	auto_free char *root = at("root");
	auto_free char *inside = at("root/tmp");
	EXPECT(mount(NULL, root, NULL, MS_REC | MS_SHARED, NULL) == 0);
	EXPECT(mount("none", inside, "tmpfs", 0, NULL) == 0);
	auto_free char *now = mounts_of(shared);
	EXPECT_TEXT(now, before);
}

TEST("mounts of an earlier try are removed, and removing nothing is fine")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("sub");
	put("sub/file", "x");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	remove_all();
	EXPECT(apply_ok(&plan));
	EXPECT(apply_ok(&plan));
	EXPECT(there("root/file"));
	remove_all();
	EXPECT(!there("root/file"));
	remove_all();
}

TEST("a file kept open in the root does not keep the rest from being unmounted")
{
	auto_outside struct outside outside;
	auto_mount_plan struct mount_plan plan = new_plan();

	if (!go_inside(&outside))
		return;
	make("sub");
	put("sub/file", "x");
	add(&plan, "rootfs", MOUNT_SUBVOL, "sub", "/", plain);
	EXPECT(apply_ok(&plan));
	auto_free char *busy = at("root/file");
	auto_close int fd = open(busy, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	remove_all();
	EXPECT(!there("root/file"));
}
