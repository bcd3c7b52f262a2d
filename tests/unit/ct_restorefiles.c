#include "ct/restorefiles.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "test.h"

#define MAPPED 100000

/* A tree with the directory etc/vzdump, and a canary beside it. */
struct tree {
	char *dir; /* owned */
	int root;
	enum restored_kind kind;
	struct strbuf text;
	struct error err;
};

static bool can_take(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
	return geteuid() == 0;
}

static char *path_of(const struct tree *tree, const char *name)
{
	return xasprintf("%s/%s", tree->dir, name);
}

static void put(const struct tree *tree, const char *name, const char *text)
{
	auto_free char *path = path_of(tree, name);
	struct error err;

	EXPECT_INT(save_path(path, slice(text), 0644, &err), 0);
}

static void put_dir(const struct tree *tree, const char *name)
{
	auto_free char *path = path_of(tree, name);

	EXPECT(mkdir(path, 0755) == 0 && chown(path, MAPPED, MAPPED) == 0);
}

static void tree_init(struct tree *tree, const char *name)
{
	*tree = (struct tree){ .root = -1, .text = STRBUF_INIT };
	tree->dir = xasprintf("%s/%s", test_dir(), name);
	chmod(test_dir(), 0755);
	EXPECT_INT(mkdir(tree->dir, 0755), 0);
	put(tree, "canary", "canary");
	put_dir(tree, "root");
	put_dir(tree, "root/etc");
	put_dir(tree, "root/etc/vzdump");
}

static void tree_done(struct tree *tree)
{
	close_fd(&tree->root);
	strbuf_done(&tree->text);
	free(tree->dir);
}
#define auto_tree __attribute__((cleanup(tree_done)))

static int take(struct tree *tree, size_t max)
{
	auto_free char *root = path_of(tree, "root");
	struct idmap map;

	idmap_default(&map);
	strbuf_cut(&tree->text, 0);
	tree->err = (struct error){ 0 };
	tree->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return restored_file_take(tree->root, &map, "pct.conf", max, &tree->kind,
				  &tree->text, &tree->err);
}

static bool is_there(const struct tree *tree, const char *name)
{
	auto_free char *path = path_of(tree, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool canary_lives(const struct tree *tree)
{
	auto_free char *path = path_of(tree, "canary");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	return read_file(AT_FDCWD, path, 100, &text, &err) == 0 &&
	       slice_is(strbuf_slice(&text), "canary");
}

TEST("the file is read and removed, with its directory, and etc keeps its time")
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000, 3 } };
	auto_tree struct tree tree = { .root = -1 };
	auto_free char *etc = NULL;
	struct stat st;

	if (!can_take())
		return;
	tree_init(&tree, "plain");
	put(&tree, "root/etc/vzdump/pct.conf", "memory: 64\n");
	etc = path_of(&tree, "root/etc");
	utimensat(AT_FDCWD, etc, old, 0);
	EXPECT_INT(take(&tree, 11), 0);
	EXPECT_INT(tree.kind, RESTORED_FILE);
	EXPECT_TEXT(tree.text.at, "memory: 64\n");
	EXPECT(!is_there(&tree, "root/etc/vzdump"));
	EXPECT_INT(stat(etc, &st), 0);
	EXPECT_INT(st.st_mtim.tv_sec, 2000);
	EXPECT_INT(st.st_mtim.tv_nsec, 3);
}

TEST("a directory that holds more stays, and so does what is hard-linked elsewhere")
{
	auto_tree struct tree tree = { .root = -1 };
	auto_free char *name = NULL, *other = NULL;

	if (!can_take())
		return;
	tree_init(&tree, "more");
	put(&tree, "root/etc/vzdump/pct.conf", "memory: 64\n");
	put(&tree, "root/etc/vzdump/other", "other");
	name = path_of(&tree, "root/etc/vzdump/pct.conf");
	other = path_of(&tree, "root/etc/linked");
	EXPECT_INT(link(name, other), 0);
	EXPECT_INT(take(&tree, 100), 0);
	EXPECT_INT(tree.kind, RESTORED_FILE);
	EXPECT(!is_there(&tree, "root/etc/vzdump/pct.conf"));
	EXPECT(is_there(&tree, "root/etc/vzdump/other") &&
	       is_there(&tree, "root/etc/linked"));
}

TEST("a missing file and a missing directory are none")
{
	auto_tree struct tree tree = { .root = -1 };
	auto_free char *dir = NULL;

	if (!can_take())
		return;
	tree_init(&tree, "none");
	EXPECT_INT(take(&tree, 100), 0);
	EXPECT_INT(tree.kind, RESTORED_NONE);
	close_fd(&tree.root);
	dir = path_of(&tree, "root/etc/vzdump");
	rmdir(dir);
	EXPECT_INT(take(&tree, 100), 0);
	EXPECT_INT(tree.kind, RESTORED_NONE);
	EXPECT_TEXT(tree.text.at, "");
}

TEST("a link, a FIFO and a directory are not read, but removed")
{
	static const char *const kinds[] = { "link", "fifo", "dir" };

	for (size_t i = 0; i < 3 && can_take(); i++) {
		auto_tree struct tree tree = { .root = -1 };
		auto_free char *path = NULL, *canary = NULL;

		tree_init(&tree, kinds[i]);
		path = path_of(&tree, "root/etc/vzdump/pct.conf");
		canary = path_of(&tree, "canary");
		EXPECT_INT(i == 0   ? symlink(canary, path)
			   : i == 1 ? mkfifo(path, 0644)
				    : mkdir(path, 0755),
			   0);
		EXPECT_INT(take(&tree, 100), 0);
		EXPECT_INT(tree.kind, RESTORED_ODD);
		EXPECT_TEXT(tree.text.at, "");
		EXPECT(!is_there(&tree, "root/etc/vzdump") && canary_lives(&tree));
	}
}

TEST("neither etc nor etc/vzdump may be a link, wherever it leads")
{
	static const char *const names[] = { "etc", "etc/vzdump" };

	for (size_t i = 0; i < 2 && can_take(); i++) {
		auto_tree struct tree tree = { .root = -1 };
		auto_free char *from = NULL, *to = NULL, *link = NULL;

		tree_init(&tree, i ? "dirlink" : "etclink");
		put(&tree, "root/etc/vzdump/pct.conf", "memory: 64\n");
		link = xasprintf("root/%s", names[i]);
		from = path_of(&tree, link);
		to = path_of(&tree, "outside");
		EXPECT(rename(from, to) == 0 &&
		       symlink(i ? "../../outside" : to, from) == 0);
		EXPECT_INT(take(&tree, 100), 0);
		EXPECT_INT(tree.kind, RESTORED_NONE);
		EXPECT(is_there(&tree, i ? "outside/pct.conf" : "outside/vzdump/pct.conf"));
	}
}

TEST("a file that is larger than allowed is an error, and so is an endless hole")
{
	auto_tree struct tree tree = { .root = -1 };
	auto_free char *path = NULL;

	if (!can_take())
		return;
	tree_init(&tree, "large");
	put(&tree, "root/etc/vzdump/pct.conf", "memory: 64\n");
	EXPECT_INT(take(&tree, 10), -1);
	EXPECT_TEXT(
		tree.err.text,
		"etc/vzdump/pct.conf in the backup: more than 10 bytes: File too large");
	close_fd(&tree.root);
	path = path_of(&tree, "root/etc/vzdump/pct.conf");
	EXPECT_INT(truncate(path, (off_t)1 << 40), 0);
	EXPECT_INT(take(&tree, RESTORED_FIREWALL_MAX), -1);
	EXPECT(is_there(&tree, "root/etc/vzdump/pct.conf"));
}
