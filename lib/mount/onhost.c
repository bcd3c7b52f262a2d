#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/own.h"
#include "mount/stage.h"

#define AT_SUBTREE 0x8000 /* AT_RECURSIVE */

static int clone_tree(int rootfd, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID,
				   .propagation = MS_PRIVATE };
	auto_close int tree =
		open_tree(rootfd, "",
			  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_SUBTREE);

	if (tree < 0)
		return fail(err, errno, "cannot clone the mounts");
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_SUBTREE, &attr, sizeof(attr)) < 0)
		return fail(err, errno, "cannot protect the mounts");
	return take_fd(&tree);
}

/* Mounted where nobody sees it, the staged originals too; then moved as one. */
int mount_on_host(const struct mount_plan *plan, const char *root, struct error *err)
{
	auto_close int host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	auto_close int mounted = -1, tree = -1, dir = -1;

	if (host < 0)
		return fail(err, errno, "cannot open the mount namespace");
	if (mount_private(err) < 0 || mount_remove(root, err) < 0)
		return -1;
	mounted = mount_apply(plan, root, err);
	tree = mounted < 0 ? -1 : clone_tree(mounted, err);
	if (tree < 0)
		return -1;
	if (setns(host, CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot return to the mount namespace");
	dir = open_dir(root, err);
	return dir < 0 ? -1 : stage_attach(tree, dir, err);
}
