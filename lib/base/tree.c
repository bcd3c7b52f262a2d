#include "base/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"

/* Open directories at a time: a guest may have nested its own a million deep. */
#define DEPTH_MAX 64

/* One directory being emptied; the chain of parents stands in for recursion. */
struct level {
	struct level *parent;
	DIR *dir;
	char *name;
	unsigned depth;
};

struct removal {
	struct level *bottom; /* the tree's own root */
	struct level *top;    /* where the walk stands */
	unsigned long moved;  /* directories moved up to the root, by number */
	bool again;           /* some of them came after the root was read */
};

static int open_level(int dirfd, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
}

static struct level *push(struct level *parent, int dirfd, const char *name,
			  struct error *err)
{
	auto_close int fd = open_level(dirfd, name);
	struct level *level;
	DIR *dir;

	if (fd < 0 && errno == EXDEV) {
		fail(err, EBUSY, "'%s' is a mount point", name);
		return NULL;
	}
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		fail(err, errno, "cannot open directory '%s'", name);
		return NULL;
	}
	take_fd(&fd);
	level = xmalloc(sizeof(*level));
	*level = (struct level){ .parent = parent,
				 .dir = dir,
				 .name = xstrdup(name),
				 .depth = parent ? parent->depth + 1 : 0 };
	return level;
}

static struct level *pop(struct level *level)
{
	struct level *parent = level->parent;

	closedir(level->dir);
	free(level->name);
	free(level);
	return parent;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_directory(int dirfd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* Too deep to keep every parent open: the directory becomes one of the root's. */
static int move_up(struct removal *removal, const char *name, struct error *err)
{
	char target[64];

	for (int tries = 0; tries < 1000; tries++) {
		snprintf(target, sizeof(target), ".pct-removed-%lu", removal->moved++);
		if (syscall(SYS_renameat2, dirfd(removal->top->dir), name,
			    dirfd(removal->bottom->dir), target,
			    1 /* RENAME_NOREPLACE */) == 0) {
			removal->again = true;
			return 0;
		}
		if (errno != EEXIST)
			break;
	}
	return fail(err, errno, "cannot remove '%s'", name);
}

static int remove_entry(struct removal *removal, const struct dirent *entry,
			struct error *err)
{
	int fd = dirfd(removal->top->dir);
	struct level *level;

	if (is_dot(entry->d_name))
		return 0;
	if (!is_directory(fd, entry)) {
		if (unlinkat(fd, entry->d_name, 0) < 0)
			return fail(err, errno, "cannot remove '%s'", entry->d_name);
		return 0;
	}
	if (removal->top->depth >= DEPTH_MAX)
		return move_up(removal, entry->d_name, err);
	level = push(removal->top, fd, entry->d_name, err);
	if (!level)
		return -1;
	removal->top = level;
	return 0;
}

/* The directory at the top is empty: remove it, or read the root again. 1: all done. */
static int leave_level(struct removal *removal, struct error *err)
{
	struct level *level = removal->top;

	if (level->parent) {
		if (unlinkat(dirfd(level->parent->dir), level->name, AT_REMOVEDIR) < 0)
			return fail(err, errno, "cannot remove '%s'", level->name);
		removal->top = pop(level);
		return 0;
	}
	if (!removal->again)
		return 1;
	removal->again = false;
	rewinddir(level->dir);
	return 0;
}

static int empty_tree(struct removal *removal, struct error *err)
{
	int done = 0;

	while (done == 0) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(removal->top->dir);
		if (!entry && errno)
			return fail(err, errno, "cannot read directory '%s'",
				    removal->top->name);
		done = entry ? remove_entry(removal, entry, err)
			     : leave_level(removal, err);
	}
	return done < 0 ? -1 : 0;
}

static int remove_name(int dirfd, const char *name, struct error *err)
{
	struct removal removal = { 0 };
	int status;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return fail(err, errno, "cannot remove '%s'", name);
	removal.bottom = removal.top = push(NULL, dirfd, name, err);
	if (!removal.top)
		return -1;
	status = empty_tree(&removal, err);
	while (removal.top)
		removal.top = pop(removal.top);
	if (status < 0)
		return -1;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0)
		return fail(err, errno, "cannot remove '%s'", name);
	return 0;
}

int tree_remove(int dirfd, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *parent = NULL;
	auto_close int parentfd = -1;

	if (!slash)
		return remove_name(dirfd, path, err);
	parent = xstrndup(path, (size_t)(slash - path) + 1);
	parentfd = openat(dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parentfd < 0)
		return errno == ENOENT ? 0 : fail(err, errno, "cannot open '%s'", parent);
	return remove_name(parentfd, slash + 1, err);
}
