#include "mount/workroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "mount/mount.h"
#include "mount/walk.h"

#define SIZE_KIB   1024
#define AT_SUBTREE 0x8000 /* AT_RECURSIVE */

/* The host's programs, and what a merged /usr has in their place. */
static const char *const of_host[] = { "usr", "bin", "sbin", "lib", "lib32", "lib64" };

static int protect(int tree, unsigned long attributes, struct error *err)
{
	struct mount_attr attr = { .attr_set = attributes, .propagation = MS_PRIVATE };

	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_SUBTREE, &attr, sizeof(attr)) < 0)
		return fail(err, errno, "cannot protect the mount");
	return 0;
}

static int clone_path(int dirfd, const char *path, unsigned flags, struct error *err)
{
	int tree = open_tree(dirfd, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);

	return tree >= 0 ? tree : fail(err, errno, "cannot clone the mount '%s'", path);
}

int workroot_volume(int monitor_pidfd, const char *key, struct error *err)
{
	auto_free char *path = path_in(PATH_LXC, ".pve-staged-mounts/%s", key);
	auto_close int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	auto_close int tree = -1;

	if (own < 0)
		return fail(err, errno, "cannot open the mount namespace");
	if (setns(monitor_pidfd, CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot enter the monitor's mount namespace");
	tree = clone_path(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, err);
	if (setns(own, CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot return to the mount namespace");
	if (tree < 0 || protect(tree,
				MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID |
					MOUNT_ATTR_NOEXEC,
				err) < 0)
		return -1;
	return take_fd(&tree);
}

static int attach(int tree, int root, const char *path, struct error *err)
{
	const struct walk_owner owner = { 0, 0 };
	auto_walk struct walk walk = WALK_INIT;

	if (walk_path(root, path, &owner, &walk, err) < 0)
		return -1;
	if (move_mount(tree, "", walk.fd, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return fail(err, errno, "cannot attach the mount '%s'", path);
	return 0;
}

static int add_directory(int root, const char *name, struct error *err)
{
	auto_free char *path = xasprintf("/%s", name);
	auto_close int tree = clone_path(AT_FDCWD, path, AT_SUBTREE, err);

	if (tree < 0 || protect(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, err) < 0)
		return -1;
	return attach(tree, root, name, err);
}

/* A directory of the host, or the same symlink; what the host has not is left out. */
static int add_of_host(int root, const char *name, struct error *err)
{
	auto_free char *path = xasprintf("/%s", name);
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	struct stat st;

	if (len < 0)
		return stat(path, &st) < 0 ? 0 : add_directory(root, name, err);
	target[len] = '\0';
	if (symlinkat(target, root, name) < 0)
		return fail(err, errno, "cannot create the symlink '%s'", path);
	return 0;
}

/* The one device that a program cannot do without. */
static int add_null(int root, struct error *err)
{
	auto_close int file = -1, tree = -1;

	if (mkdirat(root, "dev", 0755) < 0)
		return fail(err, errno, "cannot create the directory 'dev'");
	file = openat(root, "dev/null", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0)
		return fail(err, errno, "cannot create 'dev/null'");
	tree = clone_path(AT_FDCWD, "/dev/null", 0, err);
	if (tree < 0)
		return -1;
	if (move_mount(tree, "", file, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return fail(err, errno, "cannot attach the mount 'dev/null'");
	return 0;
}

static int add_trees(int root, int volume_fd, const char *path, int target_fd,
		     struct error *err)
{
	auto_free char *source = xasprintf("source/%s", path);
	auto_close int target = clone_path(target_fd, "", 0, err);

	if (target < 0 ||
	    protect(target, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err) <
		    0)
		return -1;
	return attach(volume_fd, root, source, err) < 0 ||
			       attach(target, root, "target", err) < 0
		       ? -1
		       : 0;
}

int workroot_enter(const char *dir, int volume_fd, const char *path, int target_fd,
		   struct error *err)
{
	auto_close int root = -1;

	if (mount_tmpfs(dir, SIZE_KIB, err) < 0)
		return -1;
	root = open_dir(dir, err);
	if (root < 0)
		return -1;
	for (size_t i = 0; i < sizeof(of_host) / sizeof(of_host[0]); i++)
		if (add_of_host(root, of_host[i], err) < 0)
			return -1;
	if (add_null(root, err) < 0 || add_trees(root, volume_fd, path, target_fd, err) < 0)
		return -1;
	if (fchdir(root) < 0 || chroot(".") < 0)
		return fail(err, errno, "cannot enter '%s'", dir);
	return 0;
}
