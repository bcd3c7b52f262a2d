#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "mount/fs.h"
#include "mount/stage.h"
#include "mount/walk.h"

#define STAGING_KIB 64

/* What the steps of one start share. */
struct mounting {
	const struct mount_plan *plan;
	int staging;      /* directory of the originals */
	const char *root; /* where rootfs goes */
	struct userns_cache *cache;
};

int mount_private(struct error *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot make a mount namespace");
	/* What the host unmounts goes here too, what is mounted here stays here. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(err, errno,
			    "cannot detach the mount namespace from the host's");
	return 0;
}

char *stage_dir(void)
{
	return path_in(PATH_LXC, ".pve-staged-mounts");
}

static int insert_root(const char *root, int fd, struct error *err)
{
	auto_close int dir = -1;

	if (make_dir(root, 0755, err) < 0)
		return -1;
	dir = open(root, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(err, errno, "cannot open directory '%s'", root);
	return stage_attach(fd, dir, err);
}

/* Returns the clone that the guest sees; rootfd is -1 for the root itself. */
static int mount_step(const struct mounting *work, const struct mount_step *step,
		      int rootfd, struct error *err)
{
	auto_close int original = stage_open(step, err);
	auto_close int clone = -1;
	int status = -1;

	if (original >= 0 && stage_pin(step, original, work->staging, err) == 0)
		clone = stage_clone(step, original, work->cache, err);
	if (clone >= 0)
		status = rootfd < 0
				 ? insert_root(work->root, clone, err)
				 : stage_insert(step, clone, rootfd, &work->plan->map, err);
	return status < 0 ? fail_in(err, "%s", step->key) : take_fd(&clone);
}

static bool is_missing(const struct mount_step *step, int rootfd)
{
	auto_walk struct walk walk = WALK_INIT;
	struct error err;

	return walk_path(rootfd, step->target, NULL, &walk, &err) < 0 && err.code == ENOENT;
}

static int mount_steps(const struct mounting *work, struct error *err)
{
	auto_close int rootfd = -1;

	for (size_t i = 0; i < work->plan->count; i++) {
		const struct mount_step *step = &work->plan->at[i];
		auto_close int fd = -1;

		if (work->plan->is_read_only && rootfd >= 0 && is_missing(step, rootfd))
			continue;
		fd = mount_step(work, step, rootfd, err);
		if (fd < 0)
			return -1;
		if (rootfd < 0)
			rootfd = take_fd(&fd);
	}
	return take_fd(&rootfd);
}

int mount_apply(const struct mount_plan *plan, const char *root, struct error *err)
{
	auto_free char *staging_path = stage_dir();
	auto_userns_cache struct userns_cache cache = { 0 };
	auto_close int staging = -1;
	int rootfd = -1;
	struct error ignored;

	if (plan->count == 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	if (mount_tmpfs(staging_path, STAGING_KIB, err) < 0)
		return -1;
	staging = open_dir(staging_path, err);
	if (staging >= 0)
		rootfd =
			mount_steps(&(struct mounting){ plan, staging, root, &cache }, err);
	if (rootfd < 0)
		mount_remove(root, &ignored);
	return rootfd;
}

int mount_share(int rootfd, struct error *err)
{
	struct mount_attr attr = { .propagation = MS_SHARED };

	if (mount_setattr(rootfd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) <
	    0)
		return fail(err, errno, "cannot share the mounts with the container");
	return 0;
}

int mount_tmpfs(const char *dir, unsigned size_kib, struct error *err)
{
	auto_close int dirfd = -1, fd = -1;

	if (make_dir(dir, 0755, err) < 0)
		return -1;
	dirfd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dirfd < 0)
		return fail(err, errno, "cannot open directory '%s'", dir);
	fd = fs_tmpfs(size_kib, err);
	if (fd < 0 || stage_attach(fd, dirfd, err) < 0)
		return fail_in(err, "%s", dir);
	return 0;
}

/* Lazily: one busy file may not keep all the rest mounted. What nobody uses is gone
 * when the call returns. */
int mount_detach(const char *dir, struct error *err)
{
	for (;;) {
		if (umount2(dir, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
			continue;
		if (errno == EINVAL || errno == ENOENT)
			return 0;
		return fail(err, errno, "cannot unmount '%s'", dir);
	}
}

int mount_remove(const char *root, struct error *err)
{
	auto_free char *staging = stage_dir();
	struct error ignored;

	if (mount_detach(root, err) < 0) {
		mount_detach(staging, &ignored);
		return -1;
	}
	return mount_detach(staging, err);
}
