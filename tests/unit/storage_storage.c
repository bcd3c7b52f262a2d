#include "storage/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "test.h"

/* A host in the scratch directory; cfg is its storage.cfg, NULL: none. */
static void host(struct storages *all, struct notes *warnings, const char *cfg)
{
	auto_free char *file = NULL;
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
	EXPECT(path_make(PATH_CONFIG, &err) == 0);
	file = path_in(PATH_ETC, "storage.cfg");
	EXPECT(cfg ? save_path(file, slice(cfg), 0644, &err) == 0
		   : remove_file(file, &err) == 0);
	storages_load(all, warnings);
}

static void put(const char *name, const char *text)
{
	auto_free char *path = path_in(PATH_VZ, "%s", name);
	auto_free char *dir = xstrdup(path);
	struct error err;

	*strrchr(dir, '/') = '\0';
	EXPECT(make_dirs(dir, 0755, &err) == 0);
	EXPECT(save_path(path, slice(text), 0644, &err) == 0);
}

TEST("without a file there is local, and it moves with PCT_ROOT")
{
	auto_storages struct storages all = { 0 };
	auto_notes struct notes warnings = { 0 };
	auto_free char *vz = NULL;

	host(&all, &warnings, NULL);
	vz = path_in(PATH_VZ, "%s", "");
	EXPECT_INT(warnings.count, 0);
	EXPECT_INT(all.count, 1);
	EXPECT_TEXT(all.at[0].path, vz);
}

TEST("storages that are missing, off or not supported are refused by name")
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = NULL;
	struct error err;

	host(&all, NULL, "dir: off\n\tpath /x\n\tdisable\n\nrbd: ceph\n");
	EXPECT(storage_find(&all, slice("none"), &st, &err) < 0);
	EXPECT_TEXT(err.text, "storage 'none' does not exist");
	EXPECT(storage_find(&all, slice("off"), &st, &err) < 0);
	EXPECT_TEXT(err.text, "storage 'off' is disabled");
	EXPECT(storage_find(&all, slice("ceph"), &st, &err) < 0);
	EXPECT_TEXT(err.text, "storage 'ceph' is of type 'rbd', which is not supported");
	EXPECT(storage_find(&all, slice("loca"), &st, &err) < 0);
	EXPECT(st == NULL);
}

TEST("a storage without the content that is asked for says so")
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = NULL;
	struct error err;

	host(&all, NULL, "dir: local\n\tpath /var/lib/vz\n\tcontent iso\n");
	EXPECT(storage_use(&all, slice("local"), CONTENT_ROOTDIR, &st, &err) < 0);
	EXPECT_TEXT(err.text, "storage 'local' does not support container directories");
	EXPECT(storage_use(&all, slice("local"), CONTENT_VZTMPL, &st, &err) < 0);
	EXPECT_TEXT(err.text, "Storage does not support templates!");
	EXPECT(storage_use(&all, slice("local"), CONTENT_BACKUP, &st, &err) < 0);
	EXPECT_TEXT(err.text, "storage 'local' does not support content type 'backup'");
	EXPECT(storage_use(&all, slice("local"), CONTENT_ISO, &st, &err) == 0);
	EXPECT(st == &all.at[0]);
}

TEST("a volume id is resolved whether the volume exists or not")
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = NULL;
	auto_free char *path = NULL, *want = NULL;
	struct volume volume;
	struct error err;

	host(&all, NULL, NULL);
	want = path_in(PATH_VZ, "images/100/vm-100-disk-0.raw");
	EXPECT(volume_resolve(&all, slice("local:100/vm-100-disk-0.raw"), &st, &volume,
			      &path, &err) == 0);
	EXPECT_TEXT(path, want);
	EXPECT_INT(volume.vmid, 100);
}

TEST("volume ids that are none are refused with their text")
{
	static const struct {
		const char *volid, *message;
	} cases[] = {
		{ "", "unable to parse volume ID ''" },
		{ "local", "unable to parse volume ID 'local'" },
		{ "local:", "unable to parse volume ID 'local:'" },
		{ ":100/a.raw", "unable to parse volume ID ':100/a.raw'" },
		{ "../x:100/a.raw", "unable to parse volume ID '../x:100/a.raw'" },
		{ "far:100/a.raw", "storage 'far' does not exist" },
		{ "local:../a.raw", "unable to parse directory volume name '../a.raw'" },
	};
	auto_storages struct storages all = { 0 };
	const struct storage *st = NULL;
	auto_free char *path = NULL;
	struct volume volume;
	struct error err;

	host(&all, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT(volume_resolve(&all, slice(cases[i].volid), &st, &volume, &path,
				      &err) < 0);
		EXPECT_TEXT(err.text, cases[i].message);
	}
	EXPECT(path == NULL);
}

TEST("guest volumes count as rootdir while a container of their owner exists")
{
	auto_storages struct storages all = { 0 };
	auto_volume_list struct volume_list list = { 0 }, rootdir = { 0 };
	auto_free char *conf = NULL;
	struct error err;

	host(&all, NULL, NULL);
	conf = path_in(PATH_CONFIG, "100.conf");
	EXPECT(save_path(conf, slice("arch: amd64\n"), 0640, &err) == 0);
	put("images/100/vm-100-disk-0.raw", "12345");
	put("images/101/vm-101-disk-0.raw", "x");
	EXPECT(storage_list(&all.at[0], ~0U, 0, &list, &err) == 0);
	EXPECT_INT(list.count, 2);
	EXPECT_TEXT(list.at[0].volid, "local:100/vm-100-disk-0.raw");
	EXPECT_INT(list.at[0].content, CONTENT_ROOTDIR);
	EXPECT_INT(list.at[0].size, 5);
	EXPECT_INT(list.at[1].content, CONTENT_IMAGES);
	EXPECT(storage_list(&all.at[0], CONTENT_ROOTDIR, 0, &rootdir, &err) == 0);
	EXPECT_INT(rootdir.count, 1);
	unlink(conf);
}

TEST("a base volume is not freed while a linked clone uses it")
{
	static const unsigned char head[32] = { 'Q', 'F', 'I', 0xfb, [15] = 32, [19] = 19 };
	auto_storages struct storages all = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_strbuf struct strbuf clone = STRBUF_INIT;
	auto_free char *path = NULL;
	struct error err;

	host(&all, NULL, NULL);
	path = path_in(PATH_VZ, "images/200/vm-200-disk-0.qcow2");
	put("images/9/base-9-d.qcow2", "x");
	put("images/200/vm-200-disk-0.qcow2", "x");
	strbuf_add(&clone, head, sizeof(head));
	strbuf_adds(&clone, "../9/base-9-d.qcow2");
	EXPECT(save_path(path, strbuf_slice(&clone), 0640, &err) == 0);
	EXPECT(volume_free(&all, slice("local:9/base-9-d.qcow2"), &notes, &err) < 0);
	EXPECT_TEXT(err.text,
		    "base volume '9/base-9-d.qcow2' is still in use by linked clones");
	EXPECT(volume_free(&all, slice("local:9/base-9-d.qcow2/200/vm-200-disk-0.qcow2"),
			   &notes, &err) == 0);
	EXPECT(volume_free(&all, slice("local:9/base-9-d.qcow2"), &notes, &err) == 0);
	EXPECT_INT(notes.count, 0);
}

TEST("the lock of a storage is a file with its id")
{
	auto_storages struct storages all = { 0 };
	auto_lock struct lock lock = { 0 };
	auto_free char *path = NULL;
	struct error err;

	host(&all, NULL, NULL);
	path = path_in(PATH_STORAGE_LOCK, "pve-storage-local");
	EXPECT(storage_lock(&all.at[0], &lock, &err) == 0);
	EXPECT(path_exists(path));
}

TEST("a file argument is a volume id of that content or an existing regular file")
{
	auto_storages struct storages all = { 0 };
	auto_free char *by_id = NULL, *by_path = NULL, *want = NULL, *bad = NULL;
	struct error err;

	host(&all, NULL, NULL);
	put("template/cache/a.tar.gz", "x");
	want = path_in(PATH_VZ, "template/cache/a.tar.gz");
	EXPECT(storage_file_argument(&all, "local:vztmpl/a.tar.gz", CONTENT_VZTMPL, &by_id,
				     &err) == 0);
	EXPECT_TEXT(by_id, want);
	EXPECT(storage_file_argument(&all, want, CONTENT_VZTMPL, &by_path, &err) == 0);
	EXPECT_TEXT(by_path, want);
	EXPECT(storage_file_argument(&all, "local:iso/a.iso", CONTENT_VZTMPL, &bad, &err) <
	       0);
	EXPECT_TEXT(err.text, "volume 'local:iso/a.iso' is not of content type 'vztmpl'");
	EXPECT(storage_file_argument(&all, "/nonexistent", CONTENT_VZTMPL, &bad, &err) < 0);
	EXPECT_TEXT(err.text, "cannot open '/nonexistent': No such file or directory");
	EXPECT(storage_file_argument(&all, "/proc", CONTENT_VZTMPL, &bad, &err) < 0);
	EXPECT_TEXT(err.text, "'/proc' is not a regular file");
	EXPECT(bad == NULL);
}

TEST("a directory volume is given to the container's root")
{
	auto_storages struct storages all = { 0 };
	auto_free char *path = NULL;
	struct error err;
	struct stat info;

	host(&all, NULL, NULL);
	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	EXPECT(all.at[0].type->create(&all.at[0], "300/s.subvol", 0, &err) == 0);
	EXPECT(volume_format(&all.at[0], "300/s.subvol", 100000, 100001, &err) == 0);
	path = path_in(PATH_VZ, "images/300/s.subvol");
	EXPECT(stat(path, &info) == 0);
	EXPECT_INT(info.st_uid, 100000);
	EXPECT_INT(info.st_gid, 100001);
	EXPECT(volume_free(&all, slice("local:300/s.subvol"), NULL, &err) == 0);
}

/* What volume_format prints on stdout. */
static int format_captured(const struct storage *st, const char *volname,
			   struct strbuf *out, struct error *err)
{
	auto_close int saved = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	struct error ignored;
	int status;

	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	status = volume_format(st, volname, 100000, 100000, err);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	lseek(fileno(file), 0, SEEK_SET);
	EXPECT(read_all(fileno(file), 65536, out, &ignored) == 0);
	fclose(file);
	return status;
}

TEST("an image gets an ext4 that belongs to the container's root, and only facts are "
     "printed")
{
	auto_storages struct storages all = { 0 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	auto_free char *path = NULL;
	struct slice rest, line;
	struct error err;

	host(&all, NULL, NULL);
	if (!path_exists("/sbin/mkfs.ext4")) {
		test_skip("mkfs.ext4 is not installed");
		return;
	}
	EXPECT(all.at[0].type->create(&all.at[0], "300/a.raw", 64 * 1024, &err) == 0);
	EXPECT(format_captured(&all.at[0], "300/a.raw", &out, &err) == 0);
	rest = strbuf_slice(&out);
	EXPECT(slice_line(&rest, &line) &&
	       slice_starts(line, "Creating filesystem with 65536"));
	EXPECT(slice_line(&rest, &line) && slice_starts(line, "Filesystem UUID: "));
	EXPECT(slice_line(&rest, &line) && slice_starts(line, "Superblock backups"));
	EXPECT(slice_line(&rest, &line) && slice_starts(line, "\t8193, 24577"));
	EXPECT(!slice_line(&rest, &line));
	EXPECT(volume_free(&all, slice("local:300/a.raw"), NULL, &err) == 0);
}

TEST("a volume that cannot hold a file system says why")
{
	auto_storages struct storages all = { 0 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	host(&all, NULL, NULL);
	EXPECT(volume_format(&all.at[0], "300/a.qcow2", 0, 0, &err) < 0);
	EXPECT_TEXT(err.text, "a volume of format 'qcow2' cannot hold a container");
	EXPECT(volume_format(&all.at[0], "300/gone.subvol", 0, 0, &err) < 0);
	EXPECT(strstr(err.text, "No such file or directory"));
}

TEST("an image too small for a file system fails with the program's name")
{
	auto_storages struct storages all = { 0 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	host(&all, NULL, NULL);
	if (!path_exists("/sbin/mkfs.ext4")) {
		test_skip("mkfs.ext4 is not installed");
		return;
	}
	EXPECT(all.at[0].type->create(&all.at[0], "300/a.raw", 0, &err) == 0);
	EXPECT(format_captured(&all.at[0], "300/a.raw", &out, &err) < 0);
	EXPECT_TEXT(err.text, "'mkfs.ext4' failed: exit code 1");
	EXPECT(volume_free(&all, slice("local:300/a.raw"), NULL, &err) == 0);
}
