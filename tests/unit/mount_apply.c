/* Real mounts, each test in a mount namespace of its own (runtime.md 4). */
#include "mount_stage.h"

MOUNT_TEST("a subvolume becomes the root; its mount points are made for the mapped root")
{
	struct stat st;

	add_root();
	make("data");
	put("data/file", "x");
	add("mp0", MOUNT_BIND, "data", "/mnt/deep", plain);
	EXPECT(apply_ok());
	EXPECT(there("root/mnt/deep/file"));
	auto_free char *made = at("root/mnt");
	EXPECT(stat(made, &st) == 0 && st.st_uid == 100000 && st.st_gid == 100000);
	EXPECT_INT(st.st_mode & 07777, 0755);
	check_outside(outside);
	remove_all();
	EXPECT(!there("root/mnt"));
	EXPECT(there("sub/mnt/deep"));
}

MOUNT_TEST("the directories that are made for a mount point have mode 0755 under any umask")
{
	auto_free char *made = at("sub/mnt");
	mode_t before;
	struct stat st;

	add_root();
	make("data");
	add("mp0", MOUNT_BIND, "data", "/mnt/deep", plain);
	before = umask(0077);
	EXPECT(apply_ok());
	umask(before);
	remove_all();
	EXPECT(stat(made, &st) == 0);
	EXPECT_INT(st.st_mode & 07777, 0755);
}

MOUNT_TEST("a mount point inside another one lands on that volume")
{
	add_root();
	make("a");
	make("b");
	put("b/file", "x");
	add("mp0", MOUNT_BIND, "a", "/a", plain);
	add("mp1", MOUNT_BIND, "b", "/a/b", plain);
	EXPECT(apply_ok());
	EXPECT(there("root/a/b/file"));
	EXPECT(there("a/b"));
	EXPECT(!there("sub/a/b"));
}

MOUNT_TEST("a source that is missing, a file, or no image is told by its name")
{
	put("file", "not an image");
	add("rootfs", MOUNT_BIND, "nothing", "/", plain);
	apply_fails("rootfs: directory '@/nothing' does not exist");
	plan.at[0].kind = MOUNT_IMAGE;
	apply_fails("rootfs: cannot open image '@/nothing': No such file or directory");
	plan.at[0].kind = MOUNT_DEVICE;
	apply_fails("rootfs: cannot open device '@/nothing': No such file or directory");
	mount_plan_done(&plan);
	add("rootfs", MOUNT_BIND, "file", "/", plain);
	apply_fails("rootfs: directory '@/file' does not exist");
	plan.at[0].kind = MOUNT_DEVICE;
	apply_fails("rootfs: '@/file' is not a block device");
	mount_plan_done(&plan);
	make("directory");
	add("rootfs", MOUNT_IMAGE, "directory", "/", plain);
	plan.at[0].ro = true;
	apply_fails("rootfs: image '@/directory' is not a regular file");
}

MOUNT_TEST("a snapshot of a dataset is asked of the kernel by its name, and told by it")
{
	struct mountpoint mp = plain;
	struct error err;

	mp.ro = 1;
	EXPECT(mount_plan_add(&plan, "rootfs", &mp, MOUNT_DATASET, "none/such@snap", true,
			      0, NULL, &err) == 0);
	EXPECT(plan.at[0].ro && plan.at[0].kind == MOUNT_DATASET);
	EXPECT(apply(&err) < 0);
	EXPECT(strstr(err.text, "rootfs: none/such@snap: "));
}

MOUNT_TEST("nodev, nosuid, noexec and noatime are in force on the mount")
{
	struct mountpoint mp = plain;
	char options[] = "nodev;nosuid;noexec;noatime";

	make("sub");
	mp.mountoptions = options;
	add("rootfs", MOUNT_SUBVOL, "sub", "/", mp);
	EXPECT(apply_ok());
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	auto_free char *want = xasprintf(" %s/root rw,nosuid,nodev,noexec,noatime ", dir);
	EXPECT(strstr(text, want) != NULL);
}

MOUNT_TEST("keepattrs gives the volume owner and mode of the directory it covers")
{
	struct mountpoint mp = plain;
	struct stat st;

	add_root();
	make("sub/x");
	make("data");
	auto_free char *covered = at("sub/x");
	auto_free char *data = at("data");
	EXPECT(chown(covered, 100033, 100034) == 0 && chmod(covered, 02751) == 0);
	mp.keepattrs = 1;
	add("mp0", MOUNT_BIND, "data", "/x", mp);
	EXPECT(apply_ok());
	EXPECT(stat(data, &st) == 0 && st.st_uid == 100033 && st.st_gid == 100034);
	EXPECT_INT(st.st_mode & 07777, 02751);
}

MOUNT_TEST("an image is mounted with errors=remount-ro, and its loop device goes with it")
{
	make_image("disk.raw");
	add("rootfs", MOUNT_IMAGE, "disk.raw", "/", plain);
	EXPECT(apply_ok());
	EXPECT(there("root/lost+found"));
	put("root/file", "x");
	EXPECT_INT(bound_loops("disk.raw"), 1);
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	EXPECT(strstr(text, "errors=remount-ro") != NULL);
	check_outside(outside);
	remove_all();
	EXPECT_INT(bound_loops("disk.raw"), 0);
}

MOUNT_TEST("a base image is mounted read-only and without its journal")
{
	struct error err;

	make_image("base.raw");
	auto_free char *image = at("base.raw");
	EXPECT_INT(mount_plan_add(&plan, "rootfs", &plain, MOUNT_IMAGE, image, true, 0,
				  NULL, &err),
		   0);
	EXPECT(apply_ok());
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	EXPECT(strstr(text, " ro,") != NULL && strstr(text, "norecovery") != NULL);
}

MOUNT_TEST("mounts of an earlier try are removed, and removing nothing is fine")
{
	add_root();
	put("sub/file", "x");
	remove_all();
	EXPECT(apply_ok());
	EXPECT(apply_ok());
	EXPECT(there("root/file"));
	remove_all();
	EXPECT(!there("root/file"));
	remove_all();
}
