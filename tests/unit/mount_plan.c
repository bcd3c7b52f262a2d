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

TEST("quota is refused for unprivileged containers, and a note on directories")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;

	mp.quota = 1;
	idmap_default(&plan.map);
	EXPECT(add(&plan, "rootfs", mp, MOUNT_IMAGE, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "Quotas are not supported by unprivileged containers.");
	plan.map.count = 0;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_TEXT(notes.text[0],
		    "cannot enable quota control for bind mounted subvolumes");
}

TEST("quota on an image is journalled quotas of ext4, but not on a read-only one")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char path[] = "/x";

	mp.quota = 1;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_IMAGE, NULL, &err), 0);
	EXPECT_TEXT(plan.at[0].options,
		    "usrjquota=aquota.user,grpjquota=aquota.group,jqfmt=vfsv0");
	mp.mp = path;
	mp.ro = 1;
	EXPECT_INT(add(&plan, "mp0", mp, MOUNT_IMAGE, NULL, &err), 0);
	EXPECT(plan.at[1].options == NULL);
}

TEST("acl=1 is an option of the file system, and nothing on a directory; acl=0 is none")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char path[] = "/x";

	mp.acl = 1;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, NULL, &err), 0);
	EXPECT(plan.at[0].options == NULL);
	mp.mp = path;
	EXPECT_INT(add(&plan, "mp0", mp, MOUNT_DEVICE, NULL, &err), 0);
	EXPECT_TEXT(plan.at[1].options, "acl");
	mp.acl = 0;
	EXPECT_INT(add(&plan, "mp1", mp, MOUNT_IMAGE, NULL, &err), 0);
	EXPECT(plan.at[2].options == NULL);
}

TEST("idmap is a warning for a privileged container, and a map of ids otherwise")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char map[] = "passthrough";

	mp.idmap = map;
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_TEXT(
		notes.text[0],
		"'rootfs' - ignoring 'idmap' option unsupported by privileged container");
	EXPECT(plan.at[0].idmap == NULL);
	mount_plan_done(&plan);
	idmap_default(&plan.map);
	EXPECT_INT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, &notes, &err), 0);
	EXPECT_INT(notes.count, 1);
	EXPECT(plan.at[0].idmap && plan.at[0].idmap->count == 2);
}

TEST("a bad idmap names its mount point")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char map[] = "u:0:0:10;u:9:100:1";

	idmap_default(&plan.map);
	mp.idmap = map;
	EXPECT(add(&plan, "rootfs", mp, MOUNT_SUBVOL, NULL, &err) < 0);
	EXPECT(slice_starts(
		slice(err.text),
		"rootfs: idmap: invalid map entry 'u 9 100 1': container uid 9"));
	EXPECT_INT(plan.count, 0);
}

TEST("a hot-plugged volume stands alone in its plan, and never goes to the root")
{
	auto_mount_plan struct mount_plan plan = { 0 };
	struct mountpoint mp = plain;
	struct error err;
	char path[] = "/x", top[] = "/";

	mp.mp = top;
	EXPECT(mount_plan_add(&plan, "mp0", &mp, MOUNT_BIND, "/srv", false, MOUNT_HOTPLUG,
			      NULL, &err) < 0);
	EXPECT_TEXT(err.text, "mp0: mp: '/' is the root directory");
	mp.mp = path;
	EXPECT_INT(mount_plan_add(&plan, "mp0", &mp, MOUNT_BIND, "/srv", false,
				  MOUNT_HOTPLUG, NULL, &err),
		   0);
	EXPECT_TEXT(plan.at[0].target, "/x");
}
