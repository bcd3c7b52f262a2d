#include "storage/mounts.h"

#include "base/own.h"
#include "test.h"

static const char text[] =
	"22 1 0:20 / / rw,relatime - overlay overlay rw\n"
	"23 22 0:21 / /mnt/na\\040s rw shared:3 master:1 - nfs4 s:/e rw\n"
	"garbage\n"
	"24 22 0:22 / /mnt/a rw - ext4 /dev/sda rw\n"
	"25 24 0:23 / /mnt/a rw - cifs //s/x rw\n";

static void expect_mount(const char *path, const char *point, const char *fstype)
{
	auto_mount struct mount mount = { 0 };

	mounts_find(slice(text), path, &mount);
	EXPECT_TEXT(mount.point, point);
	EXPECT_TEXT(mount.fstype, fstype);
}

TEST("a path lies on the longest mount point that holds it, the last one if they are "
     "stacked")
{
	expect_mount("/var/lib/vz", "/", "overlay");
	expect_mount("/mnt/na s", "/mnt/na s", "nfs4");
	expect_mount("/mnt/na s/x/y", "/mnt/na s", "nfs4");
	expect_mount("/mnt/na sx", "/", "overlay");
	expect_mount("/mnt/a/x", "/mnt/a", "cifs");
}

TEST("a text without mounts finds nothing")
{
	auto_mount struct mount mount = { 0 };

	mounts_find(slice("x y z\n\n- - - - - - -\n"), "/a", &mount);
	EXPECT(mount.point == NULL);
}

TEST("/proc is a mount point and a directory in it is none")
{
	struct error err;
	bool is_mounted = false;

	EXPECT(mounts_has("/proc", &is_mounted, &err) == 0 && is_mounted);
	EXPECT(mounts_has("/proc/self", &is_mounted, &err) == 0 && !is_mounted);
}

TEST("the size of a file system comes from the system itself or from a process")
{
	struct storage_usage usage = { 0 };
	struct error err;

	EXPECT(mounts_usage(test_dir(), &usage, &err) == 0);
	EXPECT(usage.total >= usage.used && usage.total > 0);
	EXPECT(mounts_probe((const char *const[]){ test_dir(), "/proc", "/none/x", NULL },
			    &err) == 0);
	EXPECT(mounts_usage("/proc", &usage, &err) == 0);
	EXPECT_INT(usage.total, 0);
}
