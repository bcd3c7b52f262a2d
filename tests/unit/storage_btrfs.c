#include "storage_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "storage/btrfsprog.h"
#include "storage/place.h"

/* A storage "pool" on a real btrfs; false: the test is skipped. */
static bool given(struct storages *all, const char *more)
{
	const char *path = stage_fs("btrfs", "256M");
	auto_free char *cfg = xasprintf("btrfs: pool\n\tpath %s\n%s", path, more);

	if (path)
		stage_host(all, cfg);
	return path != NULL;
}

static const char *top(void)
{
	return stage_fs("btrfs", "256M");
}

static void drop(const struct storages *all, const char *volid)
{
	auto_notes struct notes notes = { 0 };
	struct error err = { 0 };

	EXPECT(volume_free(all, slice(volid), &notes, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_INT(notes.count, 0);
}

TEST("an image is a subvolume with disk.raw in it, a directory is a subvolume of mode 755")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *subvol = NULL, *image = NULL, *tree = NULL;
	struct stat info;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 2048);
	subvol = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	EXPECT_TEXT(raw, "pool:100/vm-100-disk-0.raw");
	EXPECT_TEXT(subvol, "pool:100/subvol-100-disk-1.subvol");
	image = xasprintf("%s/images/100/vm-100-disk-0/disk.raw", top());
	tree = xasprintf("%s/images/100/subvol-100-disk-1.subvol", top());
	EXPECT(stat(image, &info) == 0 && (info.st_mode & 07777) == 0640);
	EXPECT_INT(info.st_size, 2048 * 1024);
	EXPECT(stat(tree, &info) == 0 && (info.st_mode & 07777) == 0755);
	EXPECT_INT(info.st_ino, 256);
	drop(&all, raw);
	drop(&all, subvol);
	EXPECT(!stage_is_there(top(), "images/100"));
}

TEST("a name with dots is listed, one that would be another volume's or a snapshot's refused")
{
	static const char *const bad[] = { "vm-100@x.raw", "a@b.subvol", "x.subvol.raw",
					   "x.raw.raw", NULL };
	auto_storages struct storages all = { 0 };
	auto_volume_list struct volume_list list = { 0 };
	struct volume_request request = { .vmid = 100, .name = "vm.100.x.raw" };
	const struct storage *st = NULL;
	auto_free char *volid = NULL;
	struct error err;

	if (!given(&all, ""))
		return;
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(volume_alloc(st, &request, NULL, &volid, &err) == 0);
	EXPECT(storage_list(st, CONTENT_IMAGES, 0, &list, &err) == 0);
	EXPECT_INT(list.count, 1);
	EXPECT_TEXT(list.at[0].volid, "pool:100/vm.100.x.raw");
	drop(&all, volid);
	for (const char *const *name = bad; *name; name++) {
		auto_free char *want = xasprintf(
			"illegal name '100/%s' for a volume of type 'btrfs'", *name);

		request.name = *name;
		request.format = strstr(*name, ".raw") ? FORMAT_RAW : FORMAT_SUBVOL;
		EXPECT(volume_alloc(st, &request, NULL, &volid, &err) < 0);
		EXPECT_TEXT(strstr(err.text, "illegal"), want);
	}
	EXPECT(!stage_is_there(top(), "images/100"));
}

TEST("nocow images carry the attribute")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *path = NULL;
	auto_close int fd = -1;
	int flags = 0;

	if (!given(&all, "\tnocow 1\n"))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	path = stage_path(&all, raw, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0);
	EXPECT(flags & FS_NOCOW_FL);
	drop(&all, raw);
}

TEST("a directory with a size, a taken name and a format of virtual machines are refused")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL;
	const struct storage *st = NULL;
	struct error err;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(st->type->create(st, "100/vm-100-disk-0.raw", 64, &err) < 0);
	EXPECT(strstr(err.text, "/images/100/vm-100-disk-0' already exists"));
	EXPECT(st->type->create(st, "100/subvol-100-disk-1.subvol", 64, &err) < 0);
	EXPECT_TEXT(err.text, "a directory volume has no size limit, its size must be 0");
	EXPECT(st->type->create(st, "100/vm-100-disk-1.qcow2", 64, &err) < 0);
	EXPECT_TEXT(err.text, "volumes of format 'qcow2' cannot be created");
	EXPECT(st->type->create(st, "100/vm-100-disk-1.raw", UINT64_MAX, &err) < 0);
	EXPECT(strstr(err.text, "File too large"));
	drop(&all, raw);
}

TEST("the list shows volumes, and neither snapshots nor what is not whole")
{
	auto_storages struct storages all = { 0 };
	auto_volume_list struct volume_list list = { 0 };
	auto_free char *raw = NULL, *subvol = NULL, *odd = NULL;
	const struct storage *st = NULL;
	struct error err;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	subvol = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	EXPECT(volume_snapshot(&all, slice(raw), "one", &err) == 0);
	odd = xasprintf("%s/images/100/vm-100-disk-7.raw", top());
	EXPECT(save_path(odd, slice("x"), 0644, &err) == 0);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(storage_list(st, CONTENT_IMAGES, 0, &list, &err) == 0);
	EXPECT_INT(list.count, 2);
	EXPECT_TEXT(list.at[0].volid, subvol);
	EXPECT_INT(list.at[0].size, 0);
	EXPECT_TEXT(list.at[1].volid, raw);
	EXPECT_INT(list.at[1].size, 64 * 1024);
	EXPECT_TEXT(list.at[1].format, "raw");
	EXPECT(unlink(odd) == 0);
	drop(&all, raw);
	drop(&all, subvol);
}

/* Two snapshots of a volume, and back to the older one. */
static void roll_back_twice(const struct storages *all, const char *volid)
{
	struct error err = { 0 };

	stage_write(all, volid, "first");
	EXPECT(volume_snapshot(all, slice(volid), "one", &err) == 0);
	stage_write(all, volid, "later");
	EXPECT(volume_snapshot(all, slice(volid), "two", &err) == 0);
	stage_write(all, volid, "third");
	EXPECT(volume_snapshot(all, slice(volid), "two", &err) < 0);
	EXPECT(strstr(err.text, "snapshot 'two' of volume '") &&
	       strstr(err.text, "' already exists"));
	EXPECT(volume_can_roll_back(all, slice(volid), "one", NULL, &err) == 0);
	EXPECT(volume_roll_back(all, slice(volid), "one", &err) == 0);
	EXPECT(stage_holds(all, volid, NULL, "first"));
	EXPECT(volume_roll_back(all, slice(volid), "two", &err) == 0);
	EXPECT(stage_holds(all, volid, NULL, "later"));
	stage_write(all, volid, "still writable");
	EXPECT(stage_holds(all, volid, "one", "first"));
	EXPECT(volume_snapshot_delete(all, slice(volid), "one", &err) == 0);
	EXPECT(volume_snapshot_delete(all, slice(volid), "one", &err) == 0);
	EXPECT(volume_can_roll_back(all, slice(volid), "one", NULL, &err) < 0);
	EXPECT(strstr(err.text, "snapshot 'one' of volume '") &&
	       strstr(err.text, "No such file or directory"));
	EXPECT(volume_roll_back(all, slice(volid), "one", &err) < 0);
	EXPECT(stage_holds(all, volid, NULL, "still writable"));
}

TEST("a rollback to any snapshot brings its data back, and the others stay")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *subvol = NULL;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	subvol = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	roll_back_twice(&all, raw);
	roll_back_twice(&all, subvol);
	drop(&all, raw);
	drop(&all, subvol);
	EXPECT(!stage_is_there(top(), "images/100"));
}

TEST("a rollback whose volume a crash took away brings it back")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *dir = NULL;
	struct error err;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	stage_write(&all, raw, "first");
	EXPECT(volume_snapshot(&all, slice(raw), "one", &err) == 0);
	dir = xasprintf("%s/images/100/vm-100-disk-0", top());
	{
		const char *const argv[] = { "btrfs", "subvolume", "delete", dir, NULL };
		EXPECT(stage_run(argv) == 0);
	}
	EXPECT(volume_roll_back(&all, slice(raw), "one", &err) == 0);
	EXPECT(stage_holds(&all, raw, NULL, "first"));
	drop(&all, raw);
}

TEST("a base volume is read-only, and trying again after a crash completes it")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *base = NULL, *again = NULL, *path = NULL;
	auto_close int fd = -1;
	struct error err;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	stage_write(&all, raw, "base");
	EXPECT(volume_make_base(&all, slice(raw), NULL, &base, NULL, &err) == 0);
	EXPECT_TEXT(base, "pool:100/base-100-disk-0.raw");
	path = stage_path(&all, base, NULL);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	EXPECT(fd < 0 && errno == EROFS);
	EXPECT(volume_make_base(&all, slice(raw), NULL, &again, NULL, &err) == 0);
	EXPECT_TEXT(again, base);
	EXPECT(volume_snapshot(&all, slice(base), "one", &err) < 0);
	EXPECT_TEXT(err.text, "snapshot feature is not available");
	EXPECT(volume_resize(&all, slice(base), 128, &err) < 0);
	EXPECT_TEXT(err.text, "volume 'pool:100/base-100-disk-0.raw' cannot be resized");
	drop(&all, base);
}

TEST("a clone comes from a base volume, a snapshot or the volume itself, and is writable")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *live = NULL, *old = NULL, *base = NULL, *linked = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	stage_write(&all, raw, "older");
	EXPECT(volume_snapshot(&all, slice(raw), "one", &err) == 0);
	stage_write(&all, raw, "newer");
	EXPECT(volume_clone(&all, slice(raw), NULL, 101, NULL, &live, &err) == 0);
	EXPECT(volume_clone(&all, slice(raw), "one", 101, NULL, &old, &err) == 0);
	EXPECT_TEXT(live, "pool:101/vm-101-disk-0.raw");
	EXPECT_TEXT(old, "pool:101/vm-101-disk-1.raw");
	EXPECT(stage_holds(&all, live, NULL, "newer") &&
	       stage_holds(&all, old, NULL, "older"));
	EXPECT(volume_snapshot_delete(&all, slice(raw), "one", &err) == 0);
	EXPECT(volume_make_base(&all, slice(raw), NULL, &base, NULL, &err) == 0);
	EXPECT(volume_clone(&all, slice(base), NULL, 102, NULL, &linked, &err) == 0);
	stage_write(&all, linked, "mine!");
	EXPECT(stage_holds(&all, base, NULL, "newer") &&
	       stage_holds(&all, linked, NULL, "mine!"));
	EXPECT(volume_clone(&all, slice(base), "none", 102, NULL, &raw, &err) < 0);
	EXPECT(strstr(err.text,
		      "snapshot 'none' of volume 'pool:100/base-100-disk-0.raw'"));
	drop(&all, base);
	drop(&all, linked);
	drop(&all, live);
	drop(&all, old);
}

TEST("a volume goes to another owner under that one's next free name")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *taken = NULL, *moved = NULL, *none = NULL,
		       *subvol = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	taken = stage_alloc(&all, "pool", 101, FORMAT_SUBVOL, 0);
	stage_write(&all, raw, "mine");
	EXPECT(volume_rename(&all, slice(raw), 101, NULL, &moved, &err) == 0);
	EXPECT_TEXT(moved, "pool:101/vm-101-disk-1.raw");
	EXPECT(stage_holds(&all, moved, NULL, "mine"));
	EXPECT(!stage_is_there(top(), "images/100"));
	EXPECT(volume_rename(&all, slice(raw), 101, NULL, &none, &err) < 0);
	EXPECT_TEXT(err.text,
		    "volume 'pool:100/vm-100-disk-0.raw': No such file or directory");
	EXPECT(volume_rename(&all, slice(taken), 102, NULL, &none, &err) < 0);
	EXPECT_TEXT(err.text, "Rename feature is not available for "
			      "'pool:101/subvol-101-disk-0.subvol'");
	subvol = xstrdup(taken);
	drop(&all, moved);
	drop(&all, subvol);
}

TEST("an image grows, does not shrink, and a directory has no size to change")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *subvol = NULL;
	enum volume_format format = FORMAT_OTHER;
	uint64_t bytes = 1;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	subvol = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	stage_write(&all, raw, "kept");
	EXPECT(volume_resize(&all, slice(raw), 100, &err) == 0);
	EXPECT(volume_size(&all, slice(raw), &bytes, &format, &err) == 0);
	EXPECT_INT(bytes, 100 * 1024);
	EXPECT_INT(format, FORMAT_RAW);
	EXPECT(volume_resize(&all, slice(raw), 99, &err) < 0);
	EXPECT_TEXT(err.text, "unable to shrink disk size");
	EXPECT(volume_resize(&all, slice(raw), UINT64_MAX, &err) < 0);
	EXPECT(stage_holds(&all, raw, NULL, "kept"));
	EXPECT(volume_size(&all, slice(subvol), &bytes, &format, &err) == 0);
	EXPECT(bytes == 0 && format == FORMAT_SUBVOL);
	EXPECT(volume_resize(&all, slice(subvol), 64, &err) < 0);
	EXPECT_TEXT(err.text,
		    "volume 'pool:100/subvol-100-disk-1.subvol' of format 'subvol' "
		    "cannot be resized");
	drop(&all, raw);
	drop(&all, subvol);
}

static bool make_nested(const char *path, const char *name)
{
	auto_free char *nested = xasprintf("%s/%s", path, name);
	const char *const argv[] = { "btrfs", "subvolume", "create", nested, NULL };

	return stage_run(argv) == 0;
}

TEST("freeing takes snapshots along, and subvolumes that a guest nested inside")
{
	auto_storages struct storages all = { 0 };
	auto_free char *subvol = NULL, *path = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	subvol = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	path = stage_path(&all, subvol, NULL);
	EXPECT(volume_snapshot(&all, slice(subvol), "one", &err) == 0);
	EXPECT(volume_snapshot(&all, slice(subvol), "two", &err) == 0);
	EXPECT(make_nested(path, "a") && make_nested(path, "a/b") &&
	       make_nested(path, "-c d"));
	drop(&all, subvol);
	EXPECT(!stage_is_there(top(), "images/100"));
}

TEST("freeing what is not there is a warning")
{
	auto_storages struct storages all = { 0 };
	auto_notes struct notes notes = { 0 };
	struct error err;

	if (!given(&all, ""))
		return;
	EXPECT(volume_free(&all, slice("pool:100/vm-100-disk-3.raw"), &notes, &err) == 0);
	EXPECT_INT(notes.count, 1);
	EXPECT(notes.count &&
	       strstr(notes.text[0], "/images/100/vm-100-disk-3' does not exist"));
}

TEST("what a killed command left is swept, what another one holds is not")
{
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *left = NULL, *again = NULL;
	auto_place struct place place = PLACE_INIT;
	auto_close int fd = -1;
	struct error err;

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	left = xasprintf("%s/images/100", top());
	EXPECT(make_nested(left, ".tmp-left") && make_nested(left, ".tmp-held"));
	EXPECT(place_open_path(left, &place, &err) == 0);
	fd = place_hold(&place, ".tmp-held", &err);
	EXPECT(fd >= 0);
	again = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	EXPECT_TEXT(again, "pool:100/vm-100-disk-1.raw");
	EXPECT(!stage_is_there(left, ".tmp-left"));
	EXPECT(stage_is_there(left, ".tmp-held"));
	close_fd(&fd);
	drop(&all, again);
	EXPECT(!stage_is_there(left, ".tmp-held"));
	drop(&all, raw);
}

TEST("a path that is on another file system is refused")
{
	auto_storages struct storages all = { 0 };
	auto_free char *cfg = xasprintf("btrfs: pool\n\tpath %s/elsewhere\n", test_dir());
	auto_free char *want = xasprintf("unable to activate storage 'pool' - "
					 "'%s/elsewhere' is not on a btrfs file system",
					 test_dir());
	const struct storage *st = NULL;
	struct error err;

	stage_host(&all, cfg);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) < 0);
	EXPECT_TEXT(err.text, want);
}

/* In a child: clone and allocate; the volids go to the pipe. */
static void work(const struct storages *all, const char *volid, int fd)
{
	auto_free char *clone = NULL, *raw = stage_alloc(all, "pool", 200, FORMAT_RAW, 64);
	struct error err;

	if (volume_clone(all, slice(volid), NULL, 200, NULL, &clone, &err) < 0 || !raw)
		_exit(1);
	dprintf(fd, "%s\n%s\n", raw, clone);
	_exit(0);
}

TEST("processes that clone and allocate at the same time get distinct names")
{
	auto_storages struct storages all = { 0 };
	auto_volume_list struct volume_list list = { 0 };
	auto_free char *volid = NULL;
	const struct storage *st = NULL;
	int fds[2], status, good = 0;
	auto_strbuf struct strbuf names = STRBUF_INIT;
	struct error err;

	if (!given(&all, ""))
		return;
	volid = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	EXPECT(pipe(fds) == 0);
	for (int i = 0; i < 6; i++)
		if (fork() == 0)
			work(&all, volid, fds[1]);
	close(fds[1]);
	while (wait(&status) > 0)
		good += status == 0;
	EXPECT_INT(good, 6);
	EXPECT(read_all(fds[0], 65536, &names, &err) == 0);
	close(fds[0]);
	EXPECT(storage_use(&all, slice("pool"), 0, &st, &err) == 0);
	EXPECT(storage_list(st, CONTENT_IMAGES, 200, &list, &err) == 0);
	EXPECT_INT(list.count, 12);
	for (size_t i = 0; i < list.count; i++) {
		EXPECT(strstr(names.at, list.at[i].volid));
		drop(&all, list.at[i].volid);
	}
	drop(&all, volid);
}

TEST("nested subvolumes are found by id at any depth, the innermost first")
{
	struct slice text =
		slice("ID 256 gen 7 parent 5 top level 5 path images/a\n"
		      "ID 258 gen 9 parent 257 top level 257 path x ID 7 parent 256\n"
		      "ID 257 gen 9 parent 256 top level 256 path images/a/b\n"
		      "ID 300 gen 9 parent 5 top level 5 path other\n"
		      "odd line\n"
		      "ID 259 gen 9 parent 258 top level 258 path y\n");
	auto_free uint64_t *ids = NULL, *none = NULL;

	EXPECT_INT(btrfs_nested(text, 256, &ids), 3);
	EXPECT_INT(ids[0], 259);
	EXPECT_INT(ids[1], 258);
	EXPECT_INT(ids[2], 257);
	EXPECT_INT(btrfs_nested(text, 300, &none), 0);
}

/* Send volid into a file, and import that file as target. */
static int pass(const struct storages *all, const char *volid,
		const struct volume_stream *out, const char *target,
		const struct volume_stream *in, char **new_volid, struct error *err)
{
	auto_free char *path = xasprintf("%s/stream", test_dir());
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (volume_export(all, slice(volid), out, fd, err) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return volume_import(all, slice(target), in, fd, false, NULL, new_volid, err);
}

TEST("a snapshot goes through a stream, with the ones before it if they are asked for")
{
	const struct volume_stream one = { .format = "btrfs", .snapshot = "two" };
	const struct volume_stream all_of = { .format = "btrfs",
					      .snapshot = "two",
					      .snapshot_list = "one",
					      .with_snapshots = true };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *single = NULL, *full = NULL, *tree = NULL,
		       *copy = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	stage_write(&all, raw, "first");
	EXPECT(volume_snapshot(&all, slice(raw), "one", &err) == 0);
	stage_write(&all, raw, "other");
	EXPECT(volume_snapshot(&all, slice(raw), "two", &err) == 0);
	stage_write(&all, raw, "third");
	EXPECT(pass(&all, raw, &one, "pool:101/vm-101-disk-0.raw", &one, &single, &err) ==
	       0);
	EXPECT_TEXT(single, "pool:101/vm-101-disk-0.raw");
	EXPECT(single && stage_holds(&all, single, NULL, "other"));
	EXPECT(volume_can_roll_back(&all, slice(single), "one", NULL, &err) < 0);
	EXPECT(pass(&all, raw, &all_of, "pool:102/vm-102-disk-0.raw", &all_of, &full,
		    &err) == 0);
	EXPECT(full && stage_holds(&all, full, "one", "first"));
	EXPECT(full && stage_holds(&all, full, "two", "other"));
	stage_write(&all, full, "mine!");
	EXPECT(stage_holds(&all, full, NULL, "mine!"));
	tree = stage_alloc(&all, "pool", 100, FORMAT_SUBVOL, 0);
	stage_write(&all, tree, "files");
	EXPECT(volume_snapshot(&all, slice(tree), "two", &err) == 0);
	EXPECT(pass(&all, tree, &one, "pool:103/subvol-103-disk-0.subvol", &one, &copy,
		    &err) == 0);
	EXPECT(copy && stage_holds(&all, copy, NULL, "files"));
	drop(&all, raw);
	drop(&all, single);
	drop(&all, full);
	drop(&all, tree);
	drop(&all, copy);
}

TEST("a stream without the expected snapshot, and one that is none, leave nothing")
{
	const struct volume_stream one = { .format = "btrfs", .snapshot = "one" };
	const struct volume_stream other = { .format = "btrfs", .snapshot = "other" };
	const struct volume_stream bare = { .format = "btrfs" };
	const struct volume_stream bad = { .format = "btrfs", .snapshot = "-x" };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *none = NULL, *path = NULL;
	auto_close int fd = -1;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	EXPECT(volume_snapshot(&all, slice(raw), "one", &err) == 0);
	EXPECT(pass(&all, raw, &one, "pool:101/vm-101-disk-0.raw", &other, &none, &err) <
	       0);
	EXPECT_TEXT(err.text, "import stream: it has no snapshot 'other'");
	EXPECT(pass(&all, raw, &one, raw, &one, &none, &err) < 0);
	EXPECT_TEXT(err.text, "volume 'pool:100/vm-100-disk-0.raw' already exists");
	EXPECT(pass(&all, raw, &other, raw, &one, &none, &err) < 0);
	EXPECT(strstr(err.text, "snapshot 'vm-100-disk-0@other'"));
	EXPECT(pass(&all, raw, &bare, raw, &one, &none, &err) < 0);
	EXPECT_TEXT(err.text, "unsupported export format 'btrfs' for volume "
			      "'pool:100/vm-100-disk-0.raw'");
	EXPECT(pass(&all, raw, &bad, raw, &one, &none, &err) < 0);
	EXPECT_TEXT(err.text, "invalid snapshot name '-x'");
	path = xasprintf("%s/noise", test_dir());
	EXPECT(save_path(path, slice("no stream at all"), 0600, &err) == 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(volume_import(&all, slice("pool:101/vm-101-disk-0.raw"), &one, fd, false,
			     NULL, &none, &err) < 0);
	EXPECT(strstr(err.text, "'btrfs' failed: "));
	EXPECT(none == NULL && !stage_is_there(top(), "images/101"));
	drop(&all, raw);
}

/* A volume of owner 100 with the snapshots one, two and three, holding their names. */
static char *given_history(const struct storages *all)
{
	static const char *const snaps[] = { "one", "two", "three" };
	char *raw = stage_alloc(all, "pool", 100, FORMAT_RAW, 64);
	struct error err;

	for (size_t i = 0; i < 3; i++) {
		stage_write(all, raw, snaps[i]);
		EXPECT(volume_snapshot(all, slice(raw), snaps[i], &err) == 0);
	}
	stage_write(all, raw, "later");
	return raw;
}

static bool has_snapshot(const struct storages *all, const char *volid, const char *snap)
{
	struct error err;

	return volume_can_roll_back(all, slice(volid), snap, NULL, &err) == 0;
}

TEST("an incremental stream brings a volume with its base to the new state")
{
	const struct volume_stream first = { .format = "btrfs", .snapshot = "one" };
	const struct volume_stream third = { .format = "btrfs",
					     .snapshot = "three",
					     .base = "one" };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *copy = NULL, *same = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = given_history(&all);
	EXPECT(pass(&all, raw, &first, "pool:101/vm-101-disk-0.raw", &first, &copy, &err) ==
	       0);
	stage_write(&all, copy, "changed meanwhile");
	EXPECT(pass(&all, raw, &third, copy, &third, &same, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_TEXT(same, copy);
	EXPECT(stage_holds(&all, copy, NULL, "three") &&
	       stage_holds(&all, copy, "three", "three") &&
	       stage_holds(&all, copy, "one", "one"));
	EXPECT(!has_snapshot(&all, copy, "two"));
	stage_write(&all, copy, "mine");
	EXPECT(stage_holds(&all, copy, NULL, "mine"));
	drop(&all, raw);
	drop(&all, copy);
	EXPECT(!stage_is_there(top(), "images/101"));
}

TEST("without a list the snapshots between base and wanted one go along, in their order")
{
	const struct volume_stream first = { .format = "btrfs", .snapshot = "one" };
	const struct volume_stream rest = { .format = "btrfs",
					    .snapshot = "three",
					    .base = "one",
					    .with_snapshots = true };
	const struct volume_stream whole = { .format = "btrfs",
					     .snapshot = "two",
					     .with_snapshots = true };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *copy = NULL, *same = NULL, *full = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = given_history(&all);
	EXPECT(pass(&all, raw, &first, "pool:101/vm-101-disk-0.raw", &first, &copy, &err) ==
	       0);
	EXPECT(pass(&all, raw, &rest, copy, &rest, &same, &err) == 0);
	EXPECT(stage_holds(&all, copy, "two", "two") &&
	       stage_holds(&all, copy, "three", "three"));
	EXPECT(pass(&all, raw, &whole, "pool:102/vm-102-disk-0.raw", &whole, &full, &err) ==
	       0);
	EXPECT(stage_holds(&all, full, "one", "one") &&
	       stage_holds(&all, full, NULL, "two"));
	EXPECT(!has_snapshot(&all, full, "three"));
	drop(&all, raw);
	drop(&all, copy);
	drop(&all, full);
}

TEST("an incremental stream wants its base on both sides, and changes nothing otherwise")
{
	const struct volume_stream first = { .format = "btrfs", .snapshot = "one" };
	const struct volume_stream third = { .format = "btrfs",
					     .snapshot = "three",
					     .base = "one" };
	const struct volume_stream other = { .format = "btrfs",
					     .snapshot = "three",
					     .base = "two" };
	const struct volume_stream bare = { .format = "btrfs", .base = "one" };
	const struct volume_stream plain = { .format = "raw+size", .base = "one" };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *copy = NULL, *none = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = given_history(&all);
	EXPECT(pass(&all, raw, &third, "pool:101/vm-101-disk-0.raw", &third, &none, &err) <
	       0);
	EXPECT_TEXT(err.text,
		    "volume 'pool:101/vm-101-disk-0.raw': No such file or directory");
	EXPECT(pass(&all, raw, &first, "pool:101/vm-101-disk-0.raw", &first, &copy, &err) ==
	       0);
	EXPECT(pass(&all, raw, &third, copy, &other, &none, &err) < 0);
	EXPECT_TEXT(err.text, "snapshot 'vm-101-disk-0@two': No such file or directory");
	EXPECT(pass(&all, raw, &bare, copy, &bare, &none, &err) < 0);
	EXPECT_TEXT(err.text, "unsupported export format 'btrfs' for volume "
			      "'pool:100/vm-100-disk-0.raw'");
	EXPECT(pass(&all, raw, &plain, copy, &plain, &none, &err) < 0);
	EXPECT(volume_snapshot(&all, slice(copy), "three", &err) == 0);
	EXPECT(pass(&all, raw, &third, copy, &third, &none, &err) < 0);
	EXPECT(strstr(err.text, "cannot create '") && strstr(err.text, "@three'"));
	EXPECT(stage_holds(&all, copy, NULL, "one") &&
	       stage_holds(&all, copy, "three", "one"));
	EXPECT(volume_import(&all, slice(copy), &third, -1, true, NULL, &none, &err) < 0);
	EXPECT_TEXT(err.text, "an incremental stream cannot get another name");
	EXPECT(none == NULL);
	drop(&all, raw);
	drop(&all, copy);
}

TEST("an import that was killed before the volume had its name is completed by the next")
{
	const struct volume_stream first = { .format = "btrfs", .snapshot = "one" };
	const struct volume_stream third = { .format = "btrfs",
					     .snapshot = "three",
					     .base = "one" };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *copy = NULL, *again = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = given_history(&all);
	EXPECT(pass(&all, raw, &first, "pool:101/vm-101-disk-0.raw", &first, &copy, &err) ==
	       0);
	EXPECT(pass(&all, raw, &third, copy, &third, &again, &err) == 0);
	EXPECT(volume_roll_back(&all, slice(copy), "one", &err) == 0);
	free_ptr(&again);
	EXPECT(pass(&all, raw, &third, copy, &third, &again, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT(stage_holds(&all, copy, NULL, "three"));
	drop(&all, raw);
	drop(&all, copy);
}

TEST("what a raw stream cannot carry along is refused, not left out")
{
	const struct volume_stream snaps = { .format = "raw+size", .with_snapshots = true };
	const struct volume_stream list = { .format = "btrfs",
					    .snapshot = "three",
					    .snapshot_list = "one" };
	auto_storages struct storages all = { 0 };
	auto_free char *raw = NULL, *none = NULL;
	struct error err = { 0 };

	if (!given(&all, ""))
		return;
	raw = given_history(&all);
	EXPECT(pass(&all, raw, &snaps, raw, &snaps, &none, &err) < 0);
	EXPECT_TEXT(err.text, "unsupported export format 'raw+size' for volume "
			      "'pool:100/vm-100-disk-0.raw'");
	EXPECT(pass(&all, raw, &list, raw, &list, &none, &err) < 0);
	EXPECT_TEXT(err.text, "a list of snapshots is for streams with snapshots");
	drop(&all, raw);
}
