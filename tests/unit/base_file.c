#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"
#include "test.h"

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", test_dir(), name);
}

TEST("saving replaces a file as a whole, keeps its mode and leaves no temporary file")
{
	auto_free char *path = in_dir("kept"), *temporary = in_dir("kept.tmp");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct stat st;
	struct error err;

	EXPECT_INT(save_path(path, slice("one"), 0600, &err), 0);
	EXPECT_INT(chmod(path, 0640), 0);
	EXPECT_INT(save_path(path, slice("two\n"), 0600, &err), 0);
	EXPECT_INT(read_file(AT_FDCWD, path, 100, &text, &err), 0);
	EXPECT_TEXT(text.at, "two\n");
	EXPECT(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640);
	EXPECT(!path_exists(temporary));
}

TEST("a symlink in the place of a saved file is replaced, its target untouched")
{
	auto_free char *link = in_dir("link"), *target = in_dir("target");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct stat st;
	struct error err;

	EXPECT_INT(save_path(target, slice("old"), 0644, &err), 0);
	EXPECT_INT(symlink("target", link), 0);
	EXPECT_INT(save_path(link, slice("new"), 0644, &err), 0);
	EXPECT(lstat(link, &st) == 0 && S_ISREG(st.st_mode));
	EXPECT_INT(read_file(AT_FDCWD, target, 100, &text, &err), 0);
	EXPECT_TEXT(text.at, "old");
}

TEST("reading stops at its limit and says so, and does not follow a symlink")
{
	auto_free char *path = in_dir("long"), *link = in_dir("to-long");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	EXPECT_INT(save_path(path, slice("0123456789"), 0644, &err), 0);
	EXPECT_INT(read_file(AT_FDCWD, path, 9, &text, &err), -1);
	EXPECT_INT(err.code, EFBIG);
	EXPECT_INT(symlink("long", link), 0);
	EXPECT_INT(read_file(AT_FDCWD, link, 100, &text, &err), -1);
	EXPECT_INT(err.code, ELOOP);
}

TEST("a guest path that leads out by .., a symlink or / stays inside its root")
{
	auto_free char *root = in_dir("root"), *inside = in_dir("root/etc");
	auto_free char *link = in_dir("root/up"), *absolute = in_dir("root/abs");
	auto_free char *file = in_dir("root/etc/name");
	auto_close int rootfd = -1, fd = -1;
	struct error err;

	EXPECT(mkdir(root, 0755) == 0 && mkdir(inside, 0755) == 0);
	EXPECT_INT(symlink("../../../../../etc", link), 0);
	EXPECT_INT(symlink("/etc", absolute), 0);
	EXPECT_INT(save_path(file, slice("guest"), 0644, &err), 0);
	rootfd = open_dir(root, &err);
	fd = open_in_root(rootfd, "/up/passwd", O_RDONLY, 0, &err);
	EXPECT(fd < 0 && err.code == ENOENT);
	fd = open_in_root(rootfd, "abs/../../../etc/name", O_RDONLY, 0, &err);
	EXPECT(fd >= 0);
	close_fd(&fd);
	fd = open_beneath(rootfd, "abs/name", O_RDONLY, 0, &err);
	EXPECT(fd < 0 && err.code == ELOOP);
	fd = open_beneath(rootfd, "../target", O_RDONLY, 0, &err);
	EXPECT(fd < 0 && err.code == EXDEV);
}

TEST("a tree is removed with its symlinks, whose targets stay")
{
	auto_free char *tree = in_dir("tree"), *sub = in_dir("tree/sub");
	auto_free char *link = in_dir("tree/sub/link"), *target = in_dir("stays");
	struct error err;

	EXPECT(mkdir(tree, 0755) == 0 && mkdir(sub, 0) == 0);
	EXPECT_INT(save_path(target, slice("x"), 0644, &err), 0);
	EXPECT_INT(chmod(sub, 0700), 0);
	EXPECT_INT(symlink("../../stays", link), 0);
	EXPECT_INT(tree_remove(AT_FDCWD, tree, &err), 0);
	EXPECT(!path_exists(tree) && path_exists(target));
	EXPECT_INT(tree_remove(AT_FDCWD, tree, &err), 0);
}

/* Thousands of levels: more than there are descriptors, longer than PATH_MAX. */
TEST("a tree that is nested deeper than descriptors and path names reach is removed")
{
	auto_free char *tree = in_dir("deep");
	auto_close int fd = -1;
	struct error err;

	EXPECT_INT(mkdir(tree, 0700), 0);
	fd = open_dir(tree, &err);
	for (int i = 0; i < 3000; i++) {
		int next;

		if (mkdirat(fd, "ddddddddddddddddddd", 0700) < 0)
			break;
		next = openat(fd, "ddddddddddddddddddd",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close_fd(&fd);
		fd = next;
	}
	EXPECT(fd >= 0);
	EXPECT_INT(tree_remove(AT_FDCWD, tree, &err), 0);
	EXPECT(!path_exists(tree));
}
