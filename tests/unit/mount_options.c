/* Options of mount points on real file systems (runtime.md 4.2, 4.5). */
#include "mount_stage.h"

static char *owner_of(const char *name)
{
	auto_free char *path = at(name);
	struct stat st;

	if (lstat(path, &st) < 0)
		return xstrdup("none");
	return xasprintf("%u:%u", st.st_uid, st.st_gid);
}

static void is_owned(const char *name, const char *want)
{
	auto_free char *got = owner_of(name);

	EXPECT_TEXT(got, want);
}

static void own(const char *name, unsigned uid, unsigned gid)
{
	auto_free char *path = at(name);

	EXPECT(lchown(path, uid, gid) == 0);
}

/* In a mount with the idmap option both ways are mapped: what is there, what is made. */
static void check_passthrough(enum mount_kind kind, const char *source,
			      const char *original)
{
	struct mountpoint mp = plain;
	char map[] = "passthrough";
	auto_free char *on_disk = xasprintf("%s/file", original);

	add_root();
	mp.idmap = map;
	add("mp0", kind, source, "/x", mp);
	EXPECT(apply_ok());
	put(on_disk, "x");
	own(on_disk, 7, 8);
	is_owned("root/x/file", "100007:100008");
	own("root/x/file", 100009, 100010);
	is_owned(on_disk, "9:10");
	remove_all();
}

MOUNT_TEST("idmap=passthrough shows the ids on disk as ids of the container: a directory")
{
	make("data");
	check_passthrough(MOUNT_BIND, "data", "data");
}

MOUNT_TEST("idmap=passthrough on an image with ext4")
{
	make_image("disk.raw");
	check_passthrough(MOUNT_IMAGE, "disk.raw", "var/lib/lxc/.pve-staged-mounts/mp0");
}

MOUNT_TEST("idmap=passthrough on a tmpfs")
{
	struct error err;

	auto_free char *path = at("memory");
	EXPECT_INT(mount_tmpfs(path, 64, &err), 0);
	check_passthrough(MOUNT_BIND, "memory", "memory");
}

MOUNT_TEST("idmap=passthrough on btrfs")
{
	auto_free char *image = at("disk.btrfs");
	const char *const argv[] = { "mkfs.btrfs", "-q", image, NULL };
	int fd = open(image, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	EXPECT(fd >= 0 && ftruncate(fd, 128 << 20) == 0);
	close_fd(&fd);
	if (access("/usr/sbin/mkfs.btrfs", X_OK) < 0 &&
	    access("/sbin/mkfs.btrfs", X_OK) < 0) {
		test_skip("btrfs-progs is not installed");
		return;
	}
	EXPECT(run(argv));
	check_passthrough(MOUNT_IMAGE, "disk.btrfs", "var/lib/lxc/.pve-staged-mounts/mp0");
}

MOUNT_TEST("an idmap entry maps that id alone; others are on disk as on the host")
{
	struct mountpoint mp = plain;
	char map[] = "u:1000:33:1";

	add_root();
	make("data");
	put("data/web", "x");
	own("data/web", 33, 100033);
	put("data/other", "x");
	own("data/other", 100001, 100000);
	mp.idmap = map;
	add("mp0", MOUNT_BIND, "data", "/x", mp);
	EXPECT(apply_ok());
	is_owned("root/x/web", "101000:100033");
	is_owned("root/x/other", "100001:100000");
}

MOUNT_TEST("mounts with the same idmap share a namespace, and those with another do not")
{
	struct mountpoint mp = plain;
	char one[] = "passthrough", two[] = "u:0:50:1";

	add_root();
	make("data");
	put("data/file", "x");
	own("data/file", 50, 0);
	mp.idmap = one;
	add("mp0", MOUNT_BIND, "data", "/a", mp);
	add("mp1", MOUNT_BIND, "data", "/b", mp);
	mp.idmap = two;
	add("mp2", MOUNT_BIND, "data", "/c", mp);
	EXPECT(apply_ok());
	is_owned("root/a/file", "100050:100000");
	is_owned("root/b/file", "100050:100000");
	is_owned("root/c/file", "100000:65534");
}

MOUNT_TEST("directories of mount points are made in a root with mapped ids, too")
{
	struct mountpoint mp = plain;
	char map[] = "passthrough";

	make("sub");
	own("sub", 0, 0);
	mp.idmap = map;
	add("rootfs", MOUNT_SUBVOL, "sub", "/", mp);
	make("data");
	add("mp0", MOUNT_BIND, "data", "/mnt/deep", plain);
	EXPECT(apply_ok());
	is_owned("sub/mnt", "0:0");
	is_owned("sub/mnt/deep", "0:0");
	is_owned("root/mnt", "100000:100000");
}

MOUNT_TEST("keepattrs together with idmap writes the mapped owner to the disk")
{
	struct mountpoint mp = plain;
	char map[] = "passthrough";

	add_root();
	make("sub/x");
	own("sub/x", 100033, 100034);
	make("data");
	mp.keepattrs = 1;
	mp.idmap = map;
	add("mp0", MOUNT_BIND, "data", "/x", mp);
	EXPECT(apply_ok());
	is_owned("root/x", "100033:100034");
	is_owned("data", "33:34");
}

MOUNT_TEST("a file system that cannot map ids is told with the option's name")
{
	struct mountpoint mp = plain;
	char map[] = "passthrough";

	add_root();
	mp.idmap = map;
	struct error err;
	char target[] = "/x";
	mp.mp = target;
	EXPECT_INT(mount_plan_add(&plan, "mp0", &mp, MOUNT_BIND, "/sys/kernel", false, 0,
				  NULL, &err),
		   0);
	apply_fails("mp0: idmap: its file system on '/sys/kernel' cannot be mounted with "
		    "mapped ids");
}

MOUNT_TEST("quota=1 mounts an image with journalled quotas, where the kernel has them")
{
	struct mountpoint mp = plain;
	struct error err;

	plan.map.count = 0;
	make_image("disk.raw");
	mp.quota = 1;
	add("rootfs", MOUNT_IMAGE, "disk.raw", "/", mp);
	auto_close int fd = apply(&err);
	if (fd < 0 && strstr(err.text, "quota")) {
		test_skip(err.text);
		return;
	}
	EXPECT(fd >= 0);
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	EXPECT(strstr(text, "usrjquota=aquota.user") != NULL);
}

MOUNT_TEST("discard, lazytime and acl reach the file system of an image")
{
	struct mountpoint mp = plain;
	char options[] = "discard;lazytime;noatime";

	make_image("disk.raw");
	mp.mountoptions = options;
	mp.acl = 1;
	add("rootfs", MOUNT_IMAGE, "disk.raw", "/", mp);
	EXPECT(apply_ok());
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = mounts_of(mounts);
	char *line = strstr(text, "/root rw,noatime");
	EXPECT(line != NULL && strstr(line, "lazytime") != NULL);
	EXPECT(line != NULL && strstr(line, "discard") != NULL);
}
