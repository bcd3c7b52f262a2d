#include "mount/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "mount/fs.h"
#include "mount/walk.h"

int stage_attach(int mount_fd, int dirfd, struct error *err)
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

/* A snapshot has no writable form, and no options of its own. */
static int mount_dataset(const struct mount_step *step, struct error *err)
{
	return fs_dataset(step->source, err);
}

static int (*const mounters[])(const struct mount_step *step, struct error *err) = {
	[MOUNT_SUBVOL] = mount_directory, [MOUNT_BIND] = mount_directory,
	[MOUNT_IMAGE] = mount_image,      [MOUNT_DEVICE] = mount_device,
	[MOUNT_DATASET] = mount_dataset,
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

int stage_open(const struct mount_step *step, struct error *err)
{
	auto_close int fd = mounters[step->kind](step, err);

	return fd < 0 || set_attributes(step, fd, err) < 0 ? -1 : take_fd(&fd);
}

int stage_pin(const struct mount_step *step, int fd, int staging, struct error *err)
{
	auto_close int dir = -1;

	if (mkdirat(staging, step->key, 0755) < 0)
		return fail(err, errno, "cannot create the staging directory");
	dir = openat(staging, step->key, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(err, errno, "cannot open the staging directory");
	return stage_attach(fd, dir, err);
}

static const char *type_of(int fd)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} types[] = {
		{ 0x6969, "nfs" },          { 0x65735546, "fuse" },
		{ 0xff534d42, "cifs" },     { 0x2fc12fc1, "zfs" },
		{ 0x01021997, "9p" },       { 0x794c7630, "overlay" },
		{ 0x73717368, "squashfs" },
	};
	struct statfs fs;

	for (size_t i = 0; fstatfs(fd, &fs) == 0 && i < sizeof(types) / sizeof(types[0]);
	     i++)
		if ((unsigned long)fs.f_type == types[i].magic)
			return types[i].name;
	return "its file system";
}

/* Only of a mount that nobody can see yet: mount_setattr(2) refuses others. */
static int set_idmap(const struct mount_step *step, int fd, int userns, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (unsigned)userns };

	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS)
		return fail(err, 0, "idmap: %s on '%s' cannot be mounted with mapped ids",
			    type_of(fd), step->source);
	return fail(err, errno, "idmap: cannot map the ids of '%s'", step->source);
}

int stage_clone(const struct mount_step *step, int fd, struct userns_cache *cache,
		struct error *err)
{
	auto_close int clone = clone_mount(fd, err);
	int userns;

	if (clone < 0 || !step->idmap)
		return take_fd(&clone);
	userns = userns_get(cache, step->idmap, err);
	if (userns < 0 || set_idmap(step, clone, userns, err) < 0)
		return -1;
	return take_fd(&clone);
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

/* By descriptor: inside a container no path is to be trusted, /proc not either. */
static int unmount(int fd, struct error *err)
{
	auto_close int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (back < 0 || fchdir(fd) < 0 || umount2(".", MNT_DETACH) < 0 || fchdir(back) < 0)
		return fail(err, errno, "cannot take the mount back");
	return 0;
}

/* The target's name has to lead to the new mount: nobody moved it since the walk. */
static int verify_target(const struct mount_step *step, const struct walk *walk, int fd,
			 struct error *err)
{
	auto_close int seen = openat(walk->parent, walk->name,
				     O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	struct stat want, got;

	if (seen >= 0 && fstat(seen, &got) == 0 && fstat(fd, &want) == 0 &&
	    got.st_dev == want.st_dev && got.st_ino == want.st_ino)
		return 0;
	if (unmount(fd, err) < 0)
		return -1;
	return fail(err, 0, "detected mount path change at: %s", step->target);
}

int stage_insert(const struct mount_step *step, int fd, int rootfd, const struct idmap *map,
		 struct error *err)
{
	const struct walk_owner owner = { idmap_root(map, 'u'), idmap_root(map, 'g') };
	auto_walk struct walk walk = WALK_INIT;

	if (walk_path(rootfd, step->target, &owner, &walk, err) < 0)
		return -1;
	if (step->keepattrs && copy_attributes(walk.fd, fd, err) < 0)
		return -1;
	if (stage_attach(fd, walk.fd, err) < 0)
		return -1;
	return verify_target(step, &walk, fd, err);
}
