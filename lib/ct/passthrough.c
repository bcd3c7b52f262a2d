#include "ct/passthrough.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mountinfo.h"
#include "base/own.h"
#include "base/path.h"
#include "lxc/generate.h"
#include "mount/mount.h"
#include "mount/walk.h"

static int look_at(const char *path, struct stat *st, struct error *err)
{
	if (stat(path, st) < 0)
		return errno == ENOENT
			       ? fail(err, 0, "Device %s does not exist", path)
			       : fail(err, errno, "Error accessing device %s", path);
	if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode))
		return fail(err, 0, "%s is not a device", path);
	return 0;
}

static struct host_device numbers_of(const struct stat *st)
{
	return (struct host_device){ .type = S_ISBLK(st->st_mode) ? 'b' : 'c',
				     .major = major(st->st_rdev),
				     .minor = minor(st->st_rdev) };
}

int passthrough_device(const char *path, struct host_device *out, struct error *err)
{
	struct stat st;

	if (look_at(path, &st, err) < 0)
		return -1;
	*out = numbers_of(&st);
	return 0;
}

/* The directory of path below dirfd, made if missing, and the last name. */
static int walk_parents(int dirfd, const char *path, struct walk *walk, const char **name,
			struct error *err)
{
	static const struct walk_owner root = { 0, 0 };
	const char *slash = strrchr(path, '/');
	auto_free char *parents = xstrndup(path, (size_t)(slash - path));

	*name = slash + 1;
	return walk_path(dirfd, parents, &root, walk, err);
}

static int make_node(int dirfd, const struct device *device, const struct stat *st,
		     const struct idmap *map, struct error *err)
{
	auto_walk struct walk walk = WALK_INIT;
	mode_t mode = (mode_t)strtoul(device->mode ? device->mode : "0660", NULL, 8) & 0777;
	uid_t uid = idmap_to_host(map, 'u', device->uid > 0 ? (uint32_t)device->uid : 0);
	gid_t gid = idmap_to_host(map, 'g', device->gid > 0 ? (uint32_t)device->gid : 0);
	const char *name;

	if (walk_parents(dirfd, device->path, &walk, &name, err) < 0)
		return -1;
	if ((mknodat(walk.fd, name, (st->st_mode & S_IFMT) | mode, st->st_rdev) < 0 &&
	     errno != EEXIST) ||
	    fchmodat(walk.fd, name, mode, 0) < 0 ||
	    fchownat(walk.fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(err, errno, "cannot make the node of '%s'", device->path);
	return 0;
}

static int add_device(int dirfd, const struct device *device, const struct idmap *map,
		      struct error *err)
{
	struct host_device node;
	struct stat st;

	if (look_at(device->path, &st, err) < 0)
		return -1;
	node = numbers_of(&st);
	if (host_device_is_forbidden(&node))
		return 0;
	return make_node(dirfd, device, &st, map, err);
}

static int add_devices(int dirfd, const struct config *config, const struct idmap *map,
		       struct error *err)
{
	for (unsigned i = 0; i < DEV_COUNT; i++) {
		auto_device struct device device = { 0 };

		if (config_device(config, i, &device, err) < 0) {
			if (err->code == ENOENT)
				continue;
			return fail_in(err, "dev%u", i);
		}
		if (!device.path)
			return fail(err, 0,
				    "Path is not defined for passthrough device dev%u", i);
		if (add_device(dirfd, &device, map, err) < 0)
			return fail_in(err, "dev%u", i);
	}
	return 0;
}

/* A page for each node and for each directory on the way to it. */
static int mount_nodes(const char *dir, unsigned count, struct error *err)
{
	return mount_tmpfs(dir, 16 + 16 * count, err);
}

static bool is_mount_point(const char *dir)
{
	auto_free char *parent = xasprintf("%s/..", dir);
	struct stat here, above;

	return stat(dir, &here) == 0 && stat(parent, &above) == 0 &&
	       here.st_dev != above.st_dev;
}

/*
 * A node that is there from before, maybe seen by the guest still, is used again; unless
 * its path is another device's by now.
 */
static int drop_other_node(int dirfd, const char *name, const char *path, struct error *err)
{
	struct stat old, now;

	if (look_at(path, &now, err) < 0)
		return -1;
	if (fstatat(dirfd, name, &old, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (old.st_rdev == now.st_rdev &&
	     (old.st_mode & S_IFMT) == (now.st_mode & S_IFMT)))
		return 0;
	return unlinkat(dirfd, name, 0) == 0
		       ? 0
		       : fail(err, errno, "cannot remove the old node of '%s'", path);
}

static int renew_node(int dirfd, const struct device *device, const struct idmap *map,
		      struct error *err)
{
	auto_walk struct walk walk = WALK_INIT;
	const char *name;

	if (walk_parents(dirfd, device->path, &walk, &name, err) < 0 ||
	    drop_other_node(walk.fd, name, device->path, err) < 0 ||
	    add_device(dirfd, device, map, err) < 0)
		return -1;
	return mount_copy_node(walk.fd, name, err);
}

int passthrough_add(unsigned vmid, const struct device *device, const struct idmap *map,
		    struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u/passthrough", vmid);
	auto_close int dirfd = -1;

	if (!is_mount_point(dir) && mount_nodes(dir, DEV_COUNT, err) < 0)
		return -1;
	dirfd = open_dir(dir, err);
	return dirfd < 0 ? -1 : renew_node(dirfd, device, map, err);
}

static unsigned count_devices(const struct config *config)
{
	unsigned count = 0;

	for (size_t i = 0; i < config->main.keys.count; i++)
		count += strncmp(config->main.keys.at[i].key, "dev", 3) == 0;
	return count;
}

static bool is_at_or_below(const char *point, const char *root)
{
	size_t len = strlen(root);

	return strncmp(point, root, len) == 0 && (point[len] == '\0' || point[len] == '/');
}

/* What is no block device with a plain name gets no node: its tools will say so. */
static int add_quota_device(int dirfd, const char *dir, const char *source,
			    struct strbuf *fstab, struct error *err)
{
	static const struct idmap privileged = { 0 };
	static char mode[] = "0666";
	auto_free char *path = xstrdup(source);
	const struct device device = { .path = path, .mode = mode };
	struct stat st;

	if (strncmp(path, "/dev/", 5) != 0 || !is_mount_word(path) || stat(path, &st) < 0 ||
	    !S_ISBLK(st.st_mode))
		return 0;
	if (make_node(dirfd, &device, &st, &privileged, err) < 0)
		return -1;
	strbuf_addf(fstab, "%s%s %s none bind,create=file 0 0\n", dir, path, path + 1);
	return 0;
}

static int add_quota_devices(int dirfd, const char *dir, const char *root,
			     struct error *err)
{
	auto_strbuf struct strbuf mounts = STRBUF_INIT, fstab = STRBUF_INIT;
	auto_free char *file = xasprintf("%s/mounts", dir);
	struct mountinfo mount;
	struct slice rest;

	if (mountinfo_read(&mounts, err) < 0)
		return -1;
	rest = strbuf_slice(&mounts);
	while (mountinfo_next(&rest, &mount)) {
		auto_free char *point = mountinfo_decode(mount.point);
		auto_free char *source = mountinfo_decode(mount.source);

		if (is_at_or_below(point, root) &&
		    slice_has_word(mount.options, "usrjquota=aquota.user") &&
		    add_quota_device(dirfd, dir, source, &fstab, err) < 0)
			return -1;
	}
	return save_generated(file, strbuf_slice(&fstab), 0644, err);
}

int passthrough_make(const struct config *config, const struct idmap *map, const char *root,
		     struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u/passthrough", config->vmid);
	auto_free const char **volumes = config_volume_keys(config);
	bool quota = map->count == 0 && config_has_quota(config);
	unsigned count = count_devices(config);
	auto_close int dirfd = -1;

	if (count == 0 && !quota)
		return 0;
	for (size_t i = 0; quota && volumes[i]; i++)
		count++;
	if (mount_nodes(dir, count, err) < 0)
		return -1;
	dirfd = open_dir(dir, err);
	if (dirfd < 0 || add_devices(dirfd, config, map, err) < 0)
		return -1;
	return quota ? add_quota_devices(dirfd, dir, root, err) : 0;
}
