#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"
#include "storage/type.h"
#include "test.h"

/* A storage in a fresh directory of its own. */
struct fixture {
	struct storage st;
};

#define auto_fixture __attribute__((cleanup(fixture_done)))

static void fixture_init(struct fixture *fixture)
{
	static unsigned number;

	*fixture = (struct fixture){
		.st = { .id = xstrdup("store"),
			.type = &storage_dir,
			.path = xasprintf("%s/s%u", test_dir(), number++),
			.content = CONTENT_IMAGES | CONTENT_VZTMPL | CONTENT_BACKUP }
	};
}

static void fixture_done(struct fixture *fixture)
{
	struct error err;

	EXPECT(tree_remove(AT_FDCWD, fixture->st.path, &err) == 0);
	free(fixture->st.id);
	free(fixture->st.path);
	keyvals_done(&fixture->st.props);
}

static bool is_there(const struct fixture *fixture, const char *name, struct stat *info)
{
	auto_free char *path = xasprintf("%s/%s", fixture->st.path, name);

	return lstat(path, info) == 0;
}

static void put(const struct fixture *fixture, const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", fixture->st.path, name);
	auto_free char *dir = xstrdup(path);
	struct error err;

	*strrchr(dir, '/') = '\0';
	EXPECT(make_dirs(dir, 0755, &err) == 0);
	EXPECT(save_path(path, slice(text), 0644, &err) == 0);
}

static int create(const struct fixture *fixture, const char *volname, uint64_t size_kib,
		  struct error *err)
{
	return storage_dir.create(&fixture->st, volname, size_kib, err);
}

static int drop(const struct fixture *fixture, const char *volname, struct notes *notes,
		struct error *err)
{
	return storage_dir.free(&fixture->st, volname, notes, err);
}

TEST("activation makes the directories of the content types and a dump for rootdir")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;

	fixture_init(&f);
	f.st.content = CONTENT_ROOTDIR | CONTENT_VZTMPL;
	EXPECT(storage_dir.activate(&f.st, &err) == 0);
	EXPECT(storage_dir.activate(&f.st, &err) == 0);
	EXPECT(is_there(&f, "private", &info) && is_there(&f, "template/cache", &info));
	EXPECT(is_there(&f, "dump", &info));
	EXPECT(!is_there(&f, "snippets", &info) && !is_there(&f, "template/iso", &info));
}

TEST("create-base-path and create-subdirs decide what activation makes, mkdir if they do "
     "not")
{
	auto_fixture struct fixture f;
	auto_free char *want = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	want = xasprintf(
		"unable to activate storage 'store' - directory '%s' does not exist",
		f.st.path);
	keyvals_set(&f.st.props, "mkdir", "0");
	EXPECT(storage_dir.activate(&f.st, &err) < 0);
	EXPECT_TEXT(err.text, want);
	keyvals_set(&f.st.props, "create-base-path", "1");
	EXPECT(storage_dir.activate(&f.st, &err) == 0);
	EXPECT(is_there(&f, "", &info) && !is_there(&f, "images", &info));
	keyvals_set(&f.st.props, "create-subdirs", "1");
	EXPECT(storage_dir.activate(&f.st, &err) == 0);
	EXPECT(is_there(&f, "images", &info));
}

TEST("a storage that should be a mount point and is none is offline")
{
	auto_fixture struct fixture f;
	auto_free char *want = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	want = xasprintf("unable to activate storage 'store' - '%s' is not a mount point",
			 f.st.path);
	keyvals_set(&f.st.props, "is_mountpoint", "yes");
	EXPECT(storage_dir.activate(&f.st, &err) < 0);
	EXPECT_TEXT(err.text, want);
	EXPECT(!is_there(&f, "", &info));
	keyvals_set(&f.st.props, "is_mountpoint", "/proc");
	EXPECT(storage_dir.activate(&f.st, &err) == 0);
}

TEST("two content types with one directory are refused")
{
	auto_fixture struct fixture f;
	struct error err;

	fixture_init(&f);
	keyvals_set(&f.st.props, "content-dirs", "vztmpl=x,backup=./x");
	EXPECT(storage_dir.activate(&f.st, &err) < 0);
	EXPECT(strstr(err.text, "content types 'vztmpl' and 'backup' have one directory"));
}

TEST("an image is a sparse file of mode 0640 in a directory of mode 0740")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;
	mode_t old = umask(0);

	fixture_init(&f);
	EXPECT(create(&f, "100/vm-100-disk-0.raw", 4096, &err) == 0);
	umask(old);
	EXPECT(is_there(&f, "images/100", &info));
	EXPECT_INT(info.st_mode & 07777, 0740);
	EXPECT(is_there(&f, "images/100/vm-100-disk-0.raw", &info));
	EXPECT_INT(info.st_mode & 07777, 0640);
	EXPECT_INT(info.st_size, 4096 * 1024);
	EXPECT_INT(info.st_blocks, 0);
}

TEST("a directory volume has mode 0755 under any umask, and no size")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;
	mode_t old = umask(0077);

	fixture_init(&f);
	EXPECT(create(&f, "100/subvol-100-disk-0.subvol", 0, &err) == 0);
	umask(old);
	EXPECT(is_there(&f, "images/100/subvol-100-disk-0.subvol", &info));
	EXPECT(S_ISDIR(info.st_mode));
	EXPECT_INT(info.st_mode & 07777, 0755);
	EXPECT(create(&f, "101/subvol-101-disk-0.subvol", 8, &err) < 0);
	EXPECT(strstr(err.text,
		      "a directory volume has no size limit, its size must be 0"));
	EXPECT(!is_there(&f, "images/101", &info));
}

TEST("preallocation reserves the blocks of an image")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;

	fixture_init(&f);
	keyvals_set(&f.st.props, "preallocation", "falloc");
	EXPECT(create(&f, "100/a.raw", 1024, &err) == 0);
	EXPECT(is_there(&f, "images/100/a.raw", &info) && info.st_blocks >= 2048);
	keyvals_set(&f.st.props, "preallocation", "full");
	EXPECT(create(&f, "100/b.raw", 1024, &err) == 0);
	EXPECT(is_there(&f, "images/100/b.raw", &info) && info.st_blocks >= 2048);
}

TEST("a name that is taken is refused and what is there stays")
{
	auto_fixture struct fixture f;
	auto_free char *want = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	want = xasprintf("disk image '%s/images/100/a.raw' already exists", f.st.path);
	put(&f, "images/100/a.raw", "data");
	EXPECT(create(&f, "100/a.raw", 1024, &err) < 0);
	EXPECT_TEXT(err.text, want);
	EXPECT(is_there(&f, "images/100/a.raw", &info) && info.st_size == 4);
}

TEST("formats of virtual machines, clones and other content cannot be created")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;

	fixture_init(&f);
	EXPECT(create(&f, "100/a.qcow2", 1024, &err) < 0);
	EXPECT(strstr(err.text, "volumes of format 'qcow2' cannot be created"));
	EXPECT(create(&f, "vztmpl/a.tar", 1024, &err) < 0);
	EXPECT_TEXT(err.text, "'vztmpl/a.tar' is not the name of a new volume");
	EXPECT(create(&f, "9/base-9.raw/100/a.raw", 1024, &err) < 0);
	EXPECT(create(&f, "100/../a.raw", 1024, &err) < 0);
	EXPECT(create(&f, "100/a.raw", UINT64_MAX, &err) < 0);
	EXPECT(strstr(err.text, "File too large"));
	EXPECT(!is_there(&f, "images/100", &info));
}

TEST("a link in the place of an owner's directory leads nowhere")
{
	auto_fixture struct fixture f;
	auto_notes struct notes notes = { 0 };
	auto_free char *link = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "elsewhere/a.raw", "x");
	put(&f, "images/1/x", "");
	link = xasprintf("%s/images/100", f.st.path);
	EXPECT(symlink("../elsewhere", link) == 0);
	EXPECT(create(&f, "100/b.raw", 1024, &err) < 0);
	EXPECT(drop(&f, "100/a.raw", &notes, &err) < 0);
	EXPECT(is_there(&f, "elsewhere/a.raw", &info) &&
	       !is_there(&f, "elsewhere/b.raw", &info));
}

TEST("the free number is the lowest that no volume of the owner carries under any prefix")
{
	auto_fixture struct fixture f;
	auto_free char *first = NULL, *second = NULL, *other = NULL, *hole = NULL;
	struct error err;

	fixture_init(&f);
	first = storage_dir.new_name(&f.st, 100, FORMAT_RAW, &err);
	EXPECT_TEXT(first, "100/vm-100-disk-0.raw");
	put(&f, "images/100/base-100-disk-0.raw", "");
	put(&f, "images/100/subvol-100-disk-1.subvol", "");
	put(&f, "images/100/vm-101-disk-2.raw", "");
	put(&f, "images/100/vm-100-disk-99999999999999999999.raw", "");
	put(&f, "images/100/vm-100-disk-.raw", "");
	second = storage_dir.new_name(&f.st, 100, FORMAT_SUBVOL, &err);
	EXPECT_TEXT(second, "100/subvol-100-disk-2.subvol");
	put(&f, "images/100/vm-100-disk-3.qcow2", "");
	put(&f, "images/100/vm-100-disk-2.raw", "");
	hole = storage_dir.new_name(&f.st, 100, FORMAT_RAW, &err);
	EXPECT_TEXT(hole, "100/vm-100-disk-4.raw");
	other = storage_dir.new_name(&f.st, 101, FORMAT_RAW, &err);
	EXPECT_TEXT(other, "101/vm-101-disk-0.raw");
}

TEST("an owner with 1024 volumes gets no other")
{
	auto_fixture struct fixture f;
	struct error err;

	fixture_init(&f);
	for (unsigned i = 0; i < 1024; i++) {
		auto_free char *name = xasprintf("100/vm-100-disk-%u.raw", i);
		EXPECT(create(&f, name, 0, &err) == 0);
	}
	EXPECT(storage_dir.new_name(&f.st, 100, FORMAT_RAW, &err) == NULL);
	EXPECT_TEXT(err.text,
		    "unable to allocate an image name for ID 100 in storage 'store'");
}

TEST("freeing removes the volume, and the owner's directory with its last one")
{
	auto_fixture struct fixture f;
	auto_notes struct notes notes = { 0 };
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "images/100/a.raw", "x");
	put(&f, "images/100/b.qcow2", "x");
	EXPECT(drop(&f, "100/a.raw", &notes, &err) == 0);
	EXPECT(!is_there(&f, "images/100/a.raw", &info) &&
	       is_there(&f, "images/100", &info));
	EXPECT(drop(&f, "100/b.qcow2", &notes, &err) == 0);
	EXPECT(!is_there(&f, "images/100", &info));
	EXPECT_INT(notes.count, 0);
}

TEST("freeing takes the snapshots of a volume along, but no volume that is named like one")
{
	auto_fixture struct fixture f;
	auto_notes struct notes notes = { 0 };
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "images/100/a.raw", "x");
	put(&f, "images/100/a.raw@one", "x");
	put(&f, "images/100/a.raw@b.raw", "x");
	EXPECT(drop(&f, "100/a.raw", &notes, &err) == 0);
	EXPECT(!is_there(&f, "images/100/a.raw@one", &info) &&
	       is_there(&f, "images/100/a.raw@b.raw", &info));
	EXPECT(drop(&f, "100/a.raw@b.raw", &notes, &err) == 0);
	EXPECT(!is_there(&f, "images/100", &info));
	EXPECT_INT(notes.count, 0);
}

TEST("freeing what is not there is a warning only")
{
	auto_fixture struct fixture f;
	auto_notes struct notes notes = { 0 };
	auto_free char *want = NULL;
	struct error err;

	fixture_init(&f);
	want = xasprintf("disk image '%s/images/100/a.raw' does not exist", f.st.path);
	EXPECT(drop(&f, "100/a.raw", &notes, &err) == 0);
	put(&f, "images/100/x", "");
	EXPECT(drop(&f, "100/a.raw", &notes, &err) == 0);
	EXPECT_INT(notes.count, 2);
	EXPECT_TEXT(notes.text[0], want);
	EXPECT_TEXT(notes.text[1], want);
	EXPECT(drop(&f, "vztmpl/a.tar", &notes, &err) == 0);
	EXPECT_INT(notes.count, 3);
}

TEST("a directory volume goes with everything that a guest put into it, and nothing else")
{
	auto_fixture struct fixture f;
	auto_notes struct notes notes = { 0 };
	auto_free char *top = NULL, *link = NULL, *long_name = NULL, *path = NULL;
	auto_close int fd = -1;
	struct error err;
	struct stat info;
	char name[256];

	fixture_init(&f);
	put(&f, "keep/file", "x");
	EXPECT(create(&f, "100/s.subvol", 0, &err) == 0);
	put(&f, "images/100/s.subvol/a\nb/-rf *", "x");
	put(&f, "images/100/s.subvol/\033[2J/\xff\xfe", "x");
	top = xasprintf("%s/images/100/s.subvol", f.st.path);
	link = xasprintf("%s/link", top);
	EXPECT(symlink("../../../keep", link) == 0);
	memset(name, 'n', 255);
	name[255] = '\0';
	long_name = xasprintf("%s/%s", top, name);
	EXPECT(mkdir(long_name, 0) == 0);
	path = xasprintf("%s/fifo", top);
	EXPECT(mkfifo(path, 0) == 0);
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 3000; i++) {
		int next = mkdirat(fd, "deep", 0700) == 0
				   ? openat(fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				   : -1;
		close_fd(&fd);
		fd = next;
	}
	EXPECT(fd >= 0);
	EXPECT(drop(&f, "100/s.subvol", &notes, &err) == 0);
	EXPECT(!is_there(&f, "images/100", &info));
	EXPECT(is_there(&f, "keep/file", &info));
	EXPECT_INT(notes.count, 0);
}

TEST("a symlink in the place of a directory volume is removed, not followed")
{
	auto_fixture struct fixture f;
	auto_free char *link = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "keep/file", "x");
	put(&f, "images/100/x", "");
	link = xasprintf("%s/images/100/s.subvol", f.st.path);
	EXPECT(symlink("../../keep", link) == 0);
	EXPECT(drop(&f, "100/s.subvol", NULL, &err) == 0);
	EXPECT(is_there(&f, "keep/file", &info) &&
	       !is_there(&f, "images/100/s.subvol", &info));
}

TEST("a file system mounted inside a directory volume survives, the volume stays")
{
	auto_fixture struct fixture f;
	auto_free char *mount_point = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "images/100/s.subvol/mnt/below", "");
	mount_point = xasprintf("%s/images/100/s.subvol/mnt", f.st.path);
	if (mount("tmpfs", mount_point, "tmpfs", 0, "size=64k") < 0) {
		test_skip("mounting is not permitted here");
		return;
	}
	put(&f, "images/100/s.subvol/mnt/precious", "x");
	EXPECT(drop(&f, "100/s.subvol", NULL, &err) < 0);
	EXPECT(strstr(err.text, "mount point"));
	EXPECT(is_there(&f, "images/100/s.subvol/mnt/precious", &info));
	EXPECT(umount(mount_point) == 0);
	EXPECT(drop(&f, "100/s.subvol", NULL, &err) == 0);
}

static bool make_immutable(const struct fixture *fixture, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", fixture->st.path, name);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	int flags = 0;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return false;
	flags |= FS_IMMUTABLE_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

TEST("base images and directories of templates are freed although they are immutable")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, "images/100/base-100-disk-0.raw", "x");
	put(&f, "images/100/s.subvol/file", "x");
	if (!make_immutable(&f, "images/100/base-100-disk-0.raw") ||
	    !make_immutable(&f, "images/100/s.subvol")) {
		test_skip("this file system has no immutable files");
		return;
	}
	EXPECT(drop(&f, "100/base-100-disk-0.raw", NULL, &err) == 0);
	EXPECT(drop(&f, "100/s.subvol", NULL, &err) == 0);
	EXPECT(!is_there(&f, "images/100", &info));
}

TEST("a full file system fails the creation and leaves nothing")
{
	auto_fixture struct fixture f;
	struct error err;
	struct stat info;

	fixture_init(&f);
	EXPECT(make_dirs(f.st.path, 0755, &err) == 0);
	if (mount("tmpfs", f.st.path, "tmpfs", 0, "size=256k") < 0) {
		test_skip("mounting is not permitted here");
		return;
	}
	keyvals_set(&f.st.props, "preallocation", "falloc");
	EXPECT(create(&f, "100/a.raw", 1024, &err) < 0);
	EXPECT(strstr(err.text, "No space left on device"));
	EXPECT(!is_there(&f, "images/100", &info));
	keyvals_set(&f.st.props, "preallocation", "full");
	EXPECT(create(&f, "100/a.raw", 1024, &err) < 0);
	EXPECT(strstr(err.text, "No space left on device"));
	EXPECT(!is_there(&f, "images/100", &info));
	EXPECT(umount(f.st.path) == 0);
}

TEST("a protected backup stays, others go with their log and notes")
{
	static const char name[] = "vzdump-lxc-100-2026_01_05-02_00_01";
	auto_fixture struct fixture f;
	auto_free char *archive = xasprintf("dump/%s.tar.zst", name);
	auto_free char *mark = xasprintf("%s.protected", archive);
	auto_free char *notes = xasprintf("%s.notes", archive);
	auto_free char *log = xasprintf("dump/%s.log", name);
	auto_free char *volname = xasprintf("backup/%s.tar.zst", name);
	auto_free char *path = NULL;
	struct error err;
	struct stat info;

	fixture_init(&f);
	put(&f, archive, "x");
	put(&f, mark, "");
	put(&f, notes, "n");
	put(&f, log, "l");
	EXPECT(drop(&f, volname, NULL, &err) < 0);
	EXPECT(strstr(err.text, "is protected"));
	EXPECT(is_there(&f, archive, &info));
	path = xasprintf("%s/%s", f.st.path, mark);
	EXPECT(unlink(path) == 0);
	EXPECT(drop(&f, volname, NULL, &err) == 0);
	EXPECT(!is_there(&f, archive, &info) && !is_there(&f, notes, &info) &&
	       !is_there(&f, log, &info));
}
