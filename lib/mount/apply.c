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
#include "mount/mount.h"
#include "mount/walk.h"

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

static char *staging_dir(void)
{
	return path_in(PATH_LXC, ".pve-staged-mounts");
}

static int attach(int mount_fd, int dirfd, struct error *err)
{
	if (move_mount(mount_fd, "", dirfd, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return fail(err, errno, "cannot attach the mount");
	return 0;
}

static int clone_mount(int fd, struct error *err)
{
	int clone = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	return clone >= 0 ? clone : fail(err, errno, "cannot clone the mount");
}

static int open_directory(const struct mount_step *step, struct error *err)
{
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_walk struct walk walk = WALK_INIT;
	struct stat st;

	if (root < 0)
		return fail(err, errno, "cannot open '/'");
	if (stat(step->source, &st) < 0 || !S_ISDIR(st.st_mode))
		return fail(err, 0, "directory '%s' does not exist", step->source);
	if (walk_path(root, step->source, NULL, &walk, err) < 0)
		return -1;
	return take_fd(&walk.fd);
}

static int mount_directory(const struct mount_step *step, struct error *err)
{
	auto_close int source = open_directory(step, err);

	return source < 0 ? -1 : clone_mount(source, err);
}

static int mount_image(const struct mount_step *step, struct error *err)
{
	auto_free char *device = NULL;
	auto_close int fd = -1;
	int mounted;

	if (loop_attach(step->source, step->ro, &device, &fd, err) < 0)
		return -1;
	mounted = fs_mount(device, fd, step->ro, step->options, err);
	return mounted >= 0 ? mounted : fail_in(err, "image '%s'", step->source);
}

static int mount_device(const struct mount_step *step, struct error *err)
{
	auto_close int fd =
		open(step->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fail(err, errno, "cannot open device '%s'", step->source);
	if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode))
		return fail(err, 0, "'%s' is not a block device", step->source);
	return fs_mount(step->source, fd, step->ro, step->options, err);
}

static int (*const mounters[])(const struct mount_step *step, struct error *err) = {
	[MOUNT_SUBVOL] = mount_directory,
	[MOUNT_BIND] = mount_directory,
	[MOUNT_IMAGE] = mount_image,
	[MOUNT_DEVICE] = mount_device,
};

/* Before it is attached anywhere: at no time is there a writable read-only mount. */
static int set_attributes(const struct mount_step *step, int fd, struct error *err)
{
	struct mount_attr attr = {
		.attr_set = step->attributes,
		.attr_clr = step->attributes & MOUNT_ATTR_NOATIME ? MOUNT_ATTR__ATIME : 0,
		.propagation = MS_PRIVATE,
	};

	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return fail(err, errno, "cannot set the mount's attributes");
	if (!step->ro)
		return 0;
	if (faccessat(fd, ".", W_OK, 0) == 0)
		return fail(err, 0, "failed to mark bind mount read only");
	return errno == EROFS ? 0 : fail(err, errno, "read-only check failed");
}

/* The original, which pins the volume's device while this namespace lives. */
static int stage(const struct mount_step *step, int staging, struct error *err)
{
	auto_close int fd = mounters[step->kind](step, err);
	auto_close int dir = -1;

	if (fd < 0 || set_attributes(step, fd, err) < 0)
		return -1;
	if (mkdirat(staging, step->key, 0755) < 0)
		return fail(err, errno, "cannot create the staging directory");
	dir = openat(staging, step->key, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(err, errno, "cannot open the staging directory");
	return attach(fd, dir, err) < 0 ? -1 : take_fd(&fd);
}

static int copy_attributes(int from, int to, struct error *err)
{
	struct stat st;

	if (fstat(from, &st) < 0 ||
	    fchownat(to, "", st.st_uid, st.st_gid, AT_EMPTY_PATH) < 0 ||
	    fchmodat(to, ".", st.st_mode & 07777, 0) < 0)
		return fail(err, errno, "keepattrs: cannot set owner and mode");
	return 0;
}

/* The target's name has to lead to the new mount: nobody moved it since the walk. */
static int verify_target(const struct mount_step *step, const struct walk *walk, int fd,
			 struct error *err)
{
	auto_close int seen = openat(walk->parent, walk->name,
				     O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	struct stat want, got;
	char self[64];

	if (seen >= 0 && fstat(seen, &got) == 0 && fstat(fd, &want) == 0 &&
	    got.st_dev == want.st_dev && got.st_ino == want.st_ino)
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	umount2(self, MNT_DETACH);
	return fail(err, 0, "detected mount path change at: %s", step->target);
}

static int insert(const struct mount_step *step, int fd, int rootfd,
		  const struct walk_owner *owner, struct error *err)
{
	auto_walk struct walk walk = WALK_INIT;

	if (walk_path(rootfd, step->target, owner, &walk, err) < 0)
		return -1;
	if (step->keepattrs && copy_attributes(walk.fd, fd, err) < 0)
		return -1;
	if (attach(fd, walk.fd, err) < 0)
		return -1;
	return verify_target(step, &walk, fd, err);
}

static int insert_root(const char *root, int fd, struct error *err)
{
	auto_close int dir = -1;

	if (make_dir(root, 0755, err) < 0)
		return -1;
	dir = open(root, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(err, errno, "cannot open directory '%s'", root);
	return attach(fd, dir, err);
}

/* Returns the clone that the guest sees. */
static int mount_step(const struct mount_plan *plan, const struct mount_step *step,
		      int staging, const char *root, int rootfd, struct error *err)
{
	const struct walk_owner owner = { plan->uid, plan->gid };
	auto_close int original = stage(step, staging, err);
	auto_close int clone = original < 0 ? -1 : clone_mount(original, err);
	int status = -1;

	if (clone >= 0)
		status = rootfd < 0 ? insert_root(root, clone, err)
				    : insert(step, clone, rootfd, &owner, err);
	return status < 0 ? fail_in(err, "%s", step->key) : take_fd(&clone);
}

static int mount_steps(const struct mount_plan *plan, int staging, const char *root,
		       struct error *err)
{
	auto_close int rootfd = -1;

	for (size_t i = 0; i < plan->count; i++) {
		auto_close int fd =
			mount_step(plan, &plan->at[i], staging, root, rootfd, err);

		if (fd < 0)
			return -1;
		if (rootfd < 0)
			rootfd = take_fd(&fd);
	}
	return take_fd(&rootfd);
}

int mount_apply(const struct mount_plan *plan, const char *root, struct error *err)
{
	auto_free char *staging_path = staging_dir();
	auto_close int staging = -1;
	int rootfd = -1;
	struct error ignored;

	if (plan->count == 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	if (mount_tmpfs(staging_path, 64, err) < 0)
		return -1;
	staging = open_dir(staging_path, err);
	if (staging >= 0)
		rootfd = mount_steps(plan, staging, root, err);
	if (rootfd < 0)
		mount_remove(root, &ignored);
	return rootfd;
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
	if (fd < 0 || attach(fd, dirfd, err) < 0)
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
	auto_free char *staging = staging_dir();
	struct error ignored;

	if (mount_detach(root, err) < 0) {
		mount_detach(staging, &ignored);
		return -1;
	}
	return mount_detach(staging, err);
}
