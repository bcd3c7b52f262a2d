#include "test.h"

#include <stdio.h>
#include <sys/mount.h>

#include "mount/mount.h"

static const struct mountpoint plain = {
	.acl = -1, .ro = -1, .quota = -1, .keepattrs = -1
};

static int add(struct mount_plan *plan, const char *key, struct mountpoint mp,
	       enum mount_kind kind, struct notes *notes, struct error *err)
{
	return mount_plan_add(plan, key, &mp, kind, "/srv/x", false, 0, notes, err);
}

static int add_root(struct mount_plan *plan)
{
	struct error err;

	return add(plan, "rootfs", plain, MOUNT_SUBVOL, NULL, &err);
}

TEST("rootfs comes first and goes to /, mp0 to its path")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char path[] = "/mnt/data";

	mp.mp = path;
	EXPECT(add(&plan, "mp0", mp, MOUNT_BIND, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "mp0: the first volume has to be rootfs");
	EXPECT_INT(add_root(&plan), 0);
	EXPECT_INT(add(&plan, "mp0", mp, MOUNT_BIND, NULL, &err), 0);
	EXPECT_INT(plan.count, 2);
	EXPECT_TEXT(plan.at[0].target, "/");
	EXPECT_TEXT(plan.at[1].target, "/mnt/data");
}

TEST("a mount point that is the root directory is refused")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char path[] = "//";

	mp.mp = path;
	add_root(&plan);
	EXPECT(add(&plan, "mp0", mp, MOUNT_BIND, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "mp0: mp: '//' is the root directory");
	EXPECT_INT(plan.count, 1);
}

TEST("paths with . and .. parts are refused, at the start, in the middle and at the end")
{
	static const char *const bad[] = { "/a/../b", "/a/./b", "/a/..", "/a/.", "../a" };
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;

	add_root(&plan);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char path[16], want[80];

		snprintf(path, sizeof(path), "%s", bad[i]);
		snprintf(want, sizeof(want), "%s contains illegal character sequences",
			 bad[i]);
		mp.mp = path;
		EXPECT(add(&plan, "mp0", mp, MOUNT_BIND, NULL, &err) < 0);
		EXPECT_TEXT(err.text, want);
		EXPECT(mount_plan_add(&plan, "mp0", &mp, MOUNT_BIND, bad[i], false, 0, NULL,
				      &err) < 0);
	}
	EXPECT_INT(plan.count, 1);
}

TEST("mount options become attributes, or options of the file system")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char options[] = "noatime;nodev;discard;noexec;nosuid;lazytime";

	mp.mountoptions = options;
	mp.acl = 1;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err), 0);
	EXPECT_INT(plan.at[0].attributes, MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODEV |
						  MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID);
	EXPECT_TEXT(plan.at[0].options, "discard,lazytime,acl");
	EXPECT_INT(notes.count, 0);
}

TEST("only whole words are mount options; a part of one is a note, not an option")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char options[] = "xnodev;nodev,suid";

	mp.mountoptions = options;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err), 0);
	EXPECT_INT(plan.at[0].attributes, 0);
	EXPECT_INT(notes.count, 2);
	EXPECT_TEXT(notes.text[0],
		    "rootfs: mount option 'xnodev' is not known and ignored");
}

TEST("a read-only mount keeps only nodev, noexec and nosuid, and says so")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char options[] = "noatime;nosuid";

	mp.mountoptions = options;
	mp.ro = 1;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err), 0);
	EXPECT_INT(plan.at[0].attributes, MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY);
	EXPECT_TEXT(notes.text[0],
		    "rootfs: mount option 'noatime' has no effect on a read-only mount");
}

TEST("create writes to read-only mount points too, but never to a base image")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;

	mp.ro = 1;
	EXPECT_INT(mount_plan_add(&plan, "rootfs", &mp, MOUNT_IMAGE, "/i.raw", false,
				  MOUNT_IGNORE_RO, NULL, &err),
		   0);
	EXPECT(!plan.at[0].ro);
	EXPECT_INT(plan.at[0].attributes, 0);
	mount_plan_done(&plan);
	EXPECT_INT(mount_plan_add(&plan, "rootfs", &mp, MOUNT_IMAGE, "/b.raw", true,
				  MOUNT_IGNORE_RO, NULL, &err),
		   0);
	EXPECT(plan.at[0].ro);
	EXPECT_TEXT(plan.at[0].options, "noload");
}

TEST("an option that a directory cannot have is a note")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char options[] = "discard";

	mp.mountoptions = options;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_TEXT(notes.text[0],
		    "rootfs: mount option 'discard' has no effect on a directory");
	EXPECT(plan.at[0].options == NULL);
}

TEST("quota is refused for unprivileged containers and images, a note on directories")
{
	auto_mount_plan struct mount_plan plan = { .uid = 100000, .gid = 100000 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;

	mp.quota = 1;
	EXPECT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "Quotas are not supported by unprivileged containers.");
	plan.uid = plan.gid = 0;
	EXPECT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "rootfs: quota: this version mounts without quotas");
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_TEXT(notes.text[0],
		    "cannot enable quota control for bind mounted subvolumes");
}

TEST("idmap is a warning for a privileged container and an error otherwise")
{
	auto_mount_plan struct mount_plan plan = { .uid = 100000, .gid = 100000 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char map[] = "passthrough";

	mp.idmap = map;
	EXPECT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "rootfs: idmap: this version mounts without id mapping");
	plan.uid = plan.gid = 0;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_TEXT(
		notes.text[0],
		"'rootfs' - ignoring 'idmap' option unsupported by privileged container");
}
