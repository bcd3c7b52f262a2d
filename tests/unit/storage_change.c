#include "storage_stage.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "storage/dirvolume.h"

/* A storage "pool" of type dir in a directory of its own. */
static char *given(struct storages *all)
{
	static unsigned number;
	char *path = xasprintf("%s/pool%u", test_dir(), number++);
	auto_free char *cfg =
		xasprintf("dir: pool\n\tpath %s\n\tcontent images,snippets\n", path);

	stage_host(all, cfg);
	return path;
}

TEST("an image grows sparsely, shrinking and directories are refused")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = given(&all);
	auto_free char *raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	auto_free char *tree = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	auto_free char *file = stage_path(&all, raw, NULL);
	enum volume_format format = FORMAT_OTHER;
	uint64_t bytes = 1;
	struct stat info;
	struct error err;

	stage_write(&all, raw, "kept");
	EXPECT(volume_resize(&all, slice(raw), 1024 * 1024, &err) == 0);
	EXPECT(volume_size(&all, slice(raw), &bytes, &format, &err) == 0);
	EXPECT(bytes == 1024 * 1024 * 1024 && format == FORMAT_RAW);
	EXPECT(stat(file, &info) == 0 && info.st_blocks < 100);
	EXPECT(volume_resize(&all, slice(raw), 64, &err) < 0);
	EXPECT_TEXT(err.text, "unable to shrink disk size");
	EXPECT(volume_resize(&all, slice(raw), UINT64_MAX, &err) < 0);
	EXPECT(strstr(err.text, "File too large"));
	EXPECT(stage_holds(&all, raw, NULL, "kept"));
	EXPECT(volume_resize(&all, slice(tree), 64, &err) < 0);
	EXPECT_TEXT(err.text,
		    "volume 'pool:100/subvol-100-disk-1.subvol' of format 'subvol' "
		    "cannot be resized");
	EXPECT(volume_resize(&all, slice("pool:100/none.raw"), 64, &err) < 0);
	EXPECT_TEXT(err.text, "volume 'pool:100/none.raw': No such file or directory");
	EXPECT(volume_resize(&all, slice("pool:vztmpl/a.tar"), 64, &err) < 0);
	EXPECT_TEXT(err.text, "volume 'pool:vztmpl/a.tar' cannot be resized");
}

TEST("a base volume is write-protected and immutable, and can be freed")
{
	auto_storages struct storages all = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_free char *path = given(&all);
	auto_free char *raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	auto_free char *base = NULL, *again = NULL, *file = NULL;
	auto_close int fd = -1;
	struct stat info;
	struct error err;
	int flags = 0;

	EXPECT(volume_make_base(&all, slice(raw), NULL, &base, &notes, &err) == 0);
	EXPECT_TEXT(base, "pool:100/base-100-disk-0.raw");
	file = stage_path(&all, base, NULL);
	EXPECT(stat(file, &info) == 0 && (info.st_mode & 07777) == 0444);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (notes.count == 0)
		EXPECT(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags & FS_IMMUTABLE_FL);
	EXPECT(volume_make_base(&all, slice(raw), NULL, &again, NULL, &err) == 0);
	EXPECT_TEXT(again, base);
	EXPECT(volume_free(&all, slice(base), &notes, &err) == 0);
	EXPECT(!path_exists(file));
}

TEST("a directory becomes a template with its name and mode as they are")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = given(&all);
	auto_free char *tree = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	auto_free char *base = NULL, *none = NULL, *dir = stage_path(&all, tree, NULL);
	struct stat info;
	struct error err;

	EXPECT(volume_make_base(&all, slice(tree), NULL, &base, NULL, &err) == 0);
	EXPECT_TEXT(base, tree);
	EXPECT(stat(dir, &info) == 0 && (info.st_mode & 07777) == 0755);
	EXPECT(volume_make_base(&all, slice("pool:100/no.subvol"), NULL, &none, NULL,
				&err) < 0);
}

TEST("a base volume never replaces one that is there, and needs a usual name")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = given(&all);
	auto_free char *raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	auto_free char *other = xasprintf("%s/images/100/base-100-disk-0.raw", path);
	auto_free char *odd = xasprintf("%s/images/100/odd.raw", path);
	auto_free char *base = NULL;
	struct error err;

	EXPECT(save_path(other, slice("mine"), 0600, &err) == 0);
	EXPECT(save_path(odd, slice("x"), 0600, &err) == 0);
	EXPECT(volume_make_base(&all, slice(raw), NULL, &base, NULL, &err) < 0);
	EXPECT(strstr(err.text, "/images/100/base-100-disk-0.raw' already exists"));
	EXPECT(volume_make_base(&all, slice("pool:100/odd.raw"), NULL, &base, NULL, &err) <
	       0);
	EXPECT_TEXT(err.text, "volume 'pool:100/odd.raw' cannot become a base volume: its "
			      "name does not start with 'vm-' or 'subvol-'");
	EXPECT(base == NULL);
}

struct claims {
	char *volid;
	bool was_there, refuse;
	const char *directory;
};

static int claim(void *arg, const char *volid, struct error *err)
{
	struct claims *claims = arg;

	free(claims->volid);
	claims->volid = xstrdup(volid);
	claims->was_there = stage_is_there(claims->directory, strchr(volid, ':') + 1);
	return claims->refuse ? fail(err, 0, "no") : 0;
}

TEST("a new name is written down before the volume has it, or it does not get it")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = given(&all);
	auto_free char *images = xasprintf("%s/images", path);
	auto_free char *raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	auto_free char *moved = NULL, *base = NULL;
	struct claims claims = { .directory = images, .was_there = true };
	const struct volume_claim how = { claim, &claims };
	struct error err;

	EXPECT(volume_rename(&all, slice(raw), 101, &how, &moved, &err) == 0);
	EXPECT(!claims.was_there);
	EXPECT_TEXT(claims.volid, "pool:101/vm-101-disk-0.raw");
	claims.refuse = true;
	EXPECT(volume_make_base(&all, slice(moved), &how, &base, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "no");
	EXPECT_TEXT(claims.volid, "pool:101/base-101-disk-0.raw");
	EXPECT(base == NULL && stage_is_there(images, "101/vm-101-disk-0.raw"));
	EXPECT(!stage_is_there(images, "100"));
	free(claims.volid);
}

TEST("a free that cannot remove everything leaves the volume its name")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = given(&all);
	auto_free char *tree = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	auto_free char *dir = stage_path(&all, tree, NULL);
	auto_free char *file = xasprintf("%s/stuck", dir);
	auto_close int fd = -1;
	struct error err;

	EXPECT(save_path(file, slice("x"), 0600, &err) == 0);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (!image_set_immutable(fd, true)) {
		test_skip("this file system has no immutable attribute");
		return;
	}
	EXPECT(volume_free(&all, slice(tree), NULL, &err) < 0);
	EXPECT(strstr(err.text, "unable to remove '"));
	EXPECT(path_exists(file));
	EXPECT(image_set_immutable(fd, false));
	EXPECT(volume_free(&all, slice(tree), NULL, &err) == 0);
	EXPECT(!stage_is_there(path, "images/100"));
}

TEST("what a killed command left is swept with the next one, and never listed")
{
	auto_storages struct storages all = { 0 };
	auto_volume_list struct volume_list list = { 0 };
	auto_free char *path = given(&all);
	auto_free char *raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	auto_free char *left = xasprintf("%s/images/100/.tmp-left.raw", path);
	auto_free char *snippet = xasprintf("%s/snippets/.tmp-left", path);
	const struct storage *st = NULL;
	struct error err;

	EXPECT(save_path(left, slice("x"), 0600, &err) == 0);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(save_path(snippet, slice("x"), 0600, &err) == 0);
	EXPECT(storage_list(st, ~0U, 0, &list, &err) == 0);
	for (size_t i = 0; i < list.count; i++)
		EXPECT(!strstr(list.at[i].volid, ".tmp-"));
	EXPECT_INT(list.count, 1);
	EXPECT(volume_free(&all, slice(raw), NULL, &err) == 0);
	EXPECT(!path_exists(left));
	EXPECT(!stage_is_there(path, "images/100"));
}
