#include "base/copytree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/copyattrs.h"
#include "base/copydata.h"
#include "base/escape.h"
#include "base/own.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "base/tree.h"

/* Levels that keep their directories open: a guest may have nested a million. */
#define OPEN_MAX_DEPTH 64
#define SHOWN_MAX      400 /* bytes of a path in an error */

/* One directory being copied; the chain of parents stands in for recursion. */
struct level {
	struct level *parent;
	char *name;
	int source, target; /* -1: closed meanwhile */
	struct stat info;   /* source's */
	ino_t target_ino;
	struct strbuf inner; /* names of directories in it, each with its NUL */
	size_t next;         /* the one of them that is next */
	unsigned depth;
};

struct walk {
	const struct tree_copy *copy;
	struct copy_data data;
	struct tree_copied done;
	struct level *top;
	dev_t dev; /* the file system that is copied */
	int links; /* directory of one more link to each file with several; -1 */
	char links_name[32];
	char entry[NAME_MAX + 1]; /* of the top level, being copied; or "" */
};

static void tell(struct walk *walk)
{
	walk->done.moved = walk->data.moved;
	if (walk->copy->progress)
		walk->copy->progress(walk->copy->arg, &walk->done);
}

static void tell_piece(void *arg, uint64_t bytes)
{
	(void)bytes;
	tell(arg);
}

/* ---- what is no directory ---- */

static int open_links(struct walk *walk, struct error *err)
{
	int root = walk->copy->target;
	char number[17];

	if (walk->links >= 0)
		return 0;
	random_hex(number, sizeof(number) - 1);
	snprintf(walk->links_name, sizeof(walk->links_name), ".pct-links-%s", number);
	if (mkdirat(root, walk->links_name, 0700) < 0)
		return fail(err, errno, "cannot create '%s'", walk->links_name);
	walk->links = openat(root, walk->links_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return walk->links < 0 ? fail(err, errno, "cannot open '%s'", walk->links_name) : 0;
}

/*
 * A file with several names: its copy also has a name in a directory of ours, its inode
 * number, by which the others find it. 1: this name is made; 0: it is the first one.
 */
static int find_copy(struct walk *walk, const char *name, const struct stat *info,
		     struct error *err)
{
	int target = walk->top->target;
	char key[24];

	if (open_links(walk, err) < 0)
		return -1;
	snprintf(key, sizeof(key), "%llx", (unsigned long long)info->st_ino);
	/* With EMLINK the file has all its names but this one: it can have ours. */
	if (linkat(walk->links, key, target, name, 0) == 0 ||
	    (errno == EMLINK && renameat(walk->links, key, target, name) == 0)) {
		walk->done.links++;
		return 1;
	}
	return errno == ENOENT ? 0 : fail(err, errno, "cannot link");
}

static int keep_copy(struct walk *walk, const char *name, const struct stat *info,
		     struct error *err)
{
	char key[24];

	snprintf(key, sizeof(key), "%llx", (unsigned long long)info->st_ino);
	if (linkat(walk->top->target, name, walk->links, key, 0) < 0 && errno != EMLINK)
		return fail(err, errno, "cannot link");
	return 0;
}

static int copy_symlink(struct walk *walk, const char *name, const struct stat *info,
			struct error *err)
{
	char text[PATH_MAX];
	ssize_t len = readlinkat(walk->top->source, name, text, sizeof(text) - 1);

	if (len < 0)
		return fail(err, errno, "cannot read the symlink");
	text[len] = '\0';
	if (symlinkat(text, walk->top->target, name) < 0)
		return fail(err, errno, "cannot create the symlink");
	walk->done.symlinks++;
	return copy_attrs_at(walk->top->source, walk->top->target, name, info, err);
}

static int copy_special(struct walk *walk, const char *name, const struct stat *info,
			struct error *err)
{
	if (mknodat(walk->top->target, name, info->st_mode & S_IFMT, info->st_rdev) < 0)
		return fail(err, errno, "cannot create the special file");
	walk->done.specials++;
	return copy_attrs_at(walk->top->source, walk->top->target, name, info, err);
}

static int copy_regular(struct walk *walk, int from, const char *name,
			const struct stat *info, struct error *err)
{
	auto_close int to =
		openat(walk->top->target, name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (to < 0)
		return fail(err, errno, "cannot create");
	walk->done.files++;
	walk->done.bytes += (uint64_t)info->st_size;
	if (copy_data(&walk->data, from, to, info, err) < 0)
		return -1;
	return copy_attrs(from, to, info, err);
}

/* from: the open file, or -1 when it is no regular one. */
static int copy_other(struct walk *walk, int from, const char *name,
		      const struct stat *info, struct error *err)
{
	bool shared = info->st_nlink > 1;
	int found = shared ? find_copy(walk, name, info, err) : 0;
	int status;

	if (found)
		return found < 0 ? -1 : 0;
	if (from >= 0)
		status = copy_regular(walk, from, name, info, err);
	else if (S_ISLNK(info->st_mode))
		status = copy_symlink(walk, name, info, err);
	else
		status = copy_special(walk, name, info, err);
	if (status < 0)
		return -1;
	return shared ? keep_copy(walk, name, info, err) : 0;
}

static int open_regular(struct walk *walk, const char *name, struct stat *info,
			struct error *err)
{
	auto_close int fd =
		openat(walk->top->source, name,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, info) < 0)
		return fail(err, errno, "cannot open");
	return S_ISREG(info->st_mode) ? take_fd(&fd) : fail(err, 0, "is being changed");
}

static int copy_entry(struct walk *walk, const struct dirent *entry, struct error *err)
{
	auto_close int fd = -1;
	struct stat info = { .st_mode = DTTOIF(entry->d_type) };

	if (entry->d_type != DT_REG && entry->d_type != DT_DIR &&
	    fstatat(walk->top->source, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(err, errno, "cannot stat");
	if (S_ISDIR(info.st_mode)) {
		strbuf_add(&walk->top->inner, entry->d_name, strlen(entry->d_name) + 1);
		return 0;
	}
	if (S_ISREG(info.st_mode) &&
	    (fd = open_regular(walk, entry->d_name, &info, err)) < 0)
		return -1;
	return copy_other(walk, fd, entry->d_name, &info, err);
}

/* ---- directories ---- */

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* All entries but directories, whose names are kept for later. */
static int copy_entries(struct walk *walk, struct error *err)
{
	auto_close int fd = fcntl(walk->top->source, F_DUPFD_CLOEXEC, 0);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return fail(err, errno, "cannot read the directory");
	take_fd(&fd);
	while (errno = 0, (entry = readdir(dir))) {
		if (is_dot(entry->d_name))
			continue;
		snprintf(walk->entry, sizeof(walk->entry), "%s", entry->d_name);
		if (copy_entry(walk, entry, err) < 0)
			return -1;
	}
	walk->entry[0] = '\0';
	if (errno)
		return fail(err, errno, "cannot read the directory");
	tell(walk);
	return 0;
}

static void level_free(struct level *level)
{
	close_fd(&level->source);
	close_fd(&level->target);
	strbuf_done(&level->inner);
	free(level->name);
	free(level);
}

static struct level *pop(struct level *level)
{
	struct level *parent = level->parent;

	level_free(level);
	return parent;
}

/* The level's directories are open; entries are copied unless they are another's. */
static int enter(struct walk *walk, struct level *level, struct error *err)
{
	struct stat target;

	if (fstat(level->source, &level->info) < 0 || fstat(level->target, &target) < 0)
		return fail(err, errno, "cannot stat");
	level->target_ino = target.st_ino;
	if (level->parent && level->depth >= OPEN_MAX_DEPTH) {
		close_fd(&level->parent->source);
		close_fd(&level->parent->target);
	}
	walk->done.directories++;
	return level->info.st_dev == walk->dev ? copy_entries(walk, err) : 0;
}

static int open_directory(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int push(struct walk *walk, const char *name, struct error *err)
{
	struct level *level = xcalloc(1, sizeof(*level)), *parent = walk->top;

	*level = (struct level){ .parent = parent,
				 .name = xstrdup(name),
				 .source = -1,
				 .target = -1,
				 .inner = STRBUF_INIT,
				 .depth = parent->depth + 1 };
	walk->top = level;
	level->source = open_directory(parent->source, name);
	if (level->source < 0)
		return fail(err, errno, "cannot open");
	if (mkdirat(parent->target, name, 0700) < 0 && errno != EEXIST)
		return fail(err, errno, "cannot create the directory");
	level->target = open_directory(parent->target, name);
	if (level->target < 0)
		return fail(err, errno, "cannot open the new directory");
	return enter(walk, level, err);
}

/* Up again to a directory that was closed: it is the one that we came from. */
static int reopen(struct level *level, const struct level *inner, struct error *err)
{
	struct stat source, target;

	if (level->source >= 0)
		return 0;
	level->source = open_directory(inner->source, "..");
	level->target = open_directory(inner->target, "..");
	if (level->source < 0 || level->target < 0 || fstat(level->source, &source) < 0 ||
	    fstat(level->target, &target) < 0)
		return fail(err, errno, "cannot go back");
	if (source.st_ino != level->info.st_ino || source.st_dev != level->info.st_dev ||
	    target.st_ino != level->target_ino)
		return fail(err, 0, "was moved meanwhile");
	return 0;
}

/* All that is in it is there: what it has itself comes last. */
static int leave(struct walk *walk, struct error *err)
{
	struct level *level = walk->top;

	if (copy_attrs(level->source, level->target, &level->info, err) < 0 ||
	    reopen(level->parent, level, err) < 0)
		return -1;
	walk->top = pop(level);
	return 0;
}

static int copy_levels(struct walk *walk, struct error *err)
{
	for (;;) {
		struct level *level = walk->top;
		const char *name = level->inner.at + level->next;

		if (level->next < level->inner.len) {
			level->next += strlen(name) + 1;
			if (push(walk, name, err) < 0)
				return -1;
			continue;
		}
		if (!level->parent)
			return 0;
		if (leave(walk, err) < 0)
			return -1;
	}
}

/* ---- the whole ---- */

static int begin(struct walk *walk, struct error *err)
{
	struct level *level = xcalloc(1, sizeof(*level));

	*level = (struct level){ .source = open_directory(walk->copy->source, "."),
				 .target = open_directory(walk->copy->target, "."),
				 .inner = STRBUF_INIT };
	walk->top = level;
	if (level->source < 0 || level->target < 0 ||
	    fstat(level->source, &level->info) < 0)
		return fail(err, errno, "cannot open");
	walk->dev = level->info.st_dev;
	return enter(walk, level, err);
}

static int finish(struct walk *walk, struct error *err)
{
	const struct level *root = walk->top;

	if (walk->links >= 0 && tree_remove(root->target, walk->links_name, err) < 0)
		return -1;
	return copy_attrs(root->source, root->target, &root->info, err);
}

/* "name/path", or the first of them alone when that is long enough. */
static void put_before(struct strbuf *path, const char *name)
{
	auto_strbuf struct strbuf longer = STRBUF_INIT;

	text_escape(slice(name), &longer);
	if (path->len)
		strbuf_addf(&longer, "/%s", path->at);
	if (longer.len > SHOWN_MAX)
		return;
	strbuf_cut(path, 0);
	strbuf_add_slice(path, strbuf_slice(&longer));
}

/* Put the path where it happened in front of the failure; the guest chose the names. */
static int fail_at(const struct walk *walk, struct error *err)
{
	auto_strbuf struct strbuf path = STRBUF_INIT;

	put_before(&path, walk->entry);
	for (const struct level *level = walk->top; level && level->name;
	     level = level->parent)
		put_before(&path, level->name);
	return path.len ? fail_in(err, "%s", path.at) : -1;
}

int tree_copy(const struct tree_copy *copy, struct tree_copied *copied, struct error *err)
{
	struct walk walk = { .copy = copy,
			     .data = { .limit_kib = copy->limit_kib,
				       .progress = tell_piece },
			     .links = -1 };
	int status = -1;

	walk.data.arg = &walk;
	if (begin(&walk, err) == 0 && copy_levels(&walk, err) == 0 &&
	    finish(&walk, err) == 0)
		status = 0;
	else
		fail_at(&walk, err);
	tell(&walk);
	while (walk.top)
		walk.top = pop(walk.top);
	close_fd(&walk.links);
	copy_data_done(&walk.data);
	if (status == 0)
		*copied = walk.done;
	return status;
}
