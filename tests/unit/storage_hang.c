#include "storage_stage.h"

#include <fcntl.h>

/* A FUSE file system on path whose server never answers; the descriptor keeps it. */
static int mount_silent(const char *path)
{
	auto_close int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	auto_free char *options =
		xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	struct error err;

	if (fd < 0 || !stage_private() || make_dirs(path, 0755, &err) < 0 ||
	    mount("silent", path, "fuse", 0, options) < 0)
		return -1;
	return take_fd(&fd);
}

TEST("a storage that never answers is given up after two seconds, and nothing is touched")
{
	static const char path[] = "/mnt/silent";
	auto_storages struct storages all = { 0 };
	auto_close int server = mount_silent(path);
	auto_free char *volid = NULL;
	const struct storage *st = NULL;
	struct error err = { 0 };

	if (server < 0) {
		test_skip("a FUSE file system cannot be mounted here");
		return;
	}
	stage_host(&all, "dir: pool\n\tpath /mnt/silent\n");
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) < 0);
	EXPECT_TEXT(err.text,
		    "unable to activate storage 'pool' - 'stat' failed: got timeout");
	EXPECT(volume_free(&all, slice("pool:100/vm-100-disk-0.raw"), NULL, &err) < 0);
	EXPECT_TEXT(err.text,
		    "unable to activate storage 'pool' - 'stat' failed: got timeout");
	EXPECT(volume_make_base(&all, slice("pool:100/vm-100-disk-0.raw"), NULL, &volid,
				NULL, &err) < 0);
	EXPECT(volume_resize(&all, slice("pool:100/vm-100-disk-0.raw"), 64, &err) < 0);
	EXPECT(volid == NULL && st == NULL);
}

static void expect_given_up(const char *cfg)
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = NULL;
	struct error err = { 0 };

	stage_host(&all, cfg);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) < 0);
	EXPECT_TEXT(err.text,
		    "unable to activate storage 'pool' - 'stat' failed: got timeout");
}

TEST("a link to what never answers, and a directory of it inside, are given up as well")
{
	auto_close int server = mount_silent("/mnt/quiet/template/iso");

	if (server < 0) {
		test_skip("a FUSE file system cannot be mounted here");
		return;
	}
	EXPECT(symlink("quiet/template/iso", "/mnt/link") == 0);
	expect_given_up("dir: pool\n\tpath /mnt/link\n");
	expect_given_up("dir: pool\n\tpath /mnt/link/new\n\tcreate-base-path 0\n");
	expect_given_up("dir: pool\n\tpath /mnt/quiet\n\tcontent iso\n");
	expect_given_up("dir: pool\n\tpath /mnt/other\n\tis_mountpoint /mnt/link\n");
}

TEST("a read-only storage refuses changes and keeps what is there")
{
	const char *path = stage_fs("ext4", "32M");
	auto_free char *cfg = xasprintf("dir: pool\n\tpath %s\n", path);
	auto_free char *volid = NULL, *other = NULL;
	auto_storages struct storages all = { 0 };
	const struct volume_request request = { .vmid = 100, .size_kib = 64 };
	const struct storage *st = NULL;
	struct error err;

	if (!path)
		return;
	stage_host(&all, cfg);
	volid = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	stage_write(&all, volid, "kept");
	EXPECT(mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(volume_alloc(st, &request, NULL, &other, &err) < 0);
	EXPECT(strstr(err.text, "Read-only file system"));
	EXPECT(volume_free(&all, slice(volid), NULL, &err) < 0);
	EXPECT(strstr(err.text, "Read-only file system"));
	EXPECT(volume_rename(&all, slice(volid), 101, NULL, &other, &err) < 0);
	EXPECT(volume_make_base(&all, slice(volid), NULL, &other, NULL, &err) < 0);
	EXPECT(volume_resize(&all, slice(volid), 128, &err) < 0);
	EXPECT(stage_holds(&all, volid, NULL, "kept"));
	EXPECT(mount(NULL, path, NULL, MS_REMOUNT, NULL) == 0);
	EXPECT(volume_free(&all, slice(volid), NULL, &err) == 0);
	EXPECT(other == NULL);
}

TEST("a full storage refuses an image that is to be reserved, and keeps nothing of it")
{
	const char *path = stage_fs("ext4", "32M");
	auto_free char *cfg =
		xasprintf("dir: pool\n\tpath %s\n\tpreallocation full\n", path);
	auto_storages struct storages all = { 0 };
	const struct volume_request request = { .vmid = 100, .size_kib = 64 * 1024 };
	const struct storage *st = NULL;
	auto_free char *volid = NULL;
	struct error err;

	if (!path)
		return;
	stage_host(&all, cfg);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(volume_alloc(st, &request, NULL, &volid, &err) < 0);
	EXPECT(strstr(err.text, "unable to create image '") &&
	       strstr(err.text, "No space left on device"));
	EXPECT(volid == NULL && !stage_is_there(path, "images/100"));
}
