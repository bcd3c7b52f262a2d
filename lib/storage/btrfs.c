#include "storage/btrfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/dir.h"
#include "storage/dirchange.h"
#include "storage/dirlist.h"
#include "storage/layout.h"
#include "storage/type.h"

static int activate(const struct storage *st, struct error *err)
{
	struct statfs fs;

	if (dir_activate(st, err) < 0)
		return -1;
	if (statfs(st->path, &fs) < 0 || fs.f_type != BTRFS_SUPER_MAGIC)
		return fail(err, 0,
			    "unable to activate storage '%s' - '%s' is not on a btrfs file "
			    "system",
			    st->id, st->path);
	return 0;
}

static char *volume_path(const struct storage *st, struct slice volname, const char *snap)
{
	auto_free char *images = NULL, *entry = NULL;
	struct volume volume;
	struct error err;

	if (file_volume_parse(volname, &volume, &err) < 0)
		return NULL;
	if (volume.content != CONTENT_IMAGES || volume.format == FORMAT_OTHER)
		return snap ? NULL : file_volume_path(st, volname, NULL);
	images = file_content_dir(st, CONTENT_IMAGES);
	entry = btrfs_entry(&volume);
	return xasprintf("%s/%u/%s%s%s%s", images, volume.vmid, entry, snap ? "@" : "",
			 snap ? snap : "",
			 volume.format == FORMAT_RAW ? "/" BTRFS_IMAGE : "");
}

/* Without the extension of a volume: a subvolume that holds an image. */
static void list_image(const struct storage *st, int dirfd, unsigned vmid, const char *name,
		       struct volume_list *out)
{
	auto_free char *volname = xasprintf("%u/%s.raw", vmid, name);
	auto_free char *image = xasprintf("%s/" BTRFS_IMAGE, name);
	struct volume volume;
	struct stat info;
	struct error err;

	if (file_volume_parse(slice(volname), &volume, &err) < 0 ||
	    fstatat(dirfd, image, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(info.st_mode))
		return;
	volume_list_add(out, &volume, xasprintf("%s:%s", st->id, volname),
			(uint64_t)info.st_size);
}

/* A file "x.raw" is no volume here, its volume id would mean the subvolume "x". */
static void list_guest(const struct storage *st, int dirfd, unsigned vmid, const char *name,
		       struct volume_list *out)
{
	auto_free char *volname = xasprintf("%u/%s", vmid, name);
	struct volume volume;
	struct error err;

	if (strchr(name, '@'))
		return;
	if (file_volume_parse(slice(volname), &volume, &err) < 0)
		list_image(st, dirfd, vmid, name, out);
	else if (!slice_ends(slice(name), ".raw"))
		list_guest_file(st, dirfd, vmid, name, out);
}

static int list(const struct storage *st, unsigned content, unsigned vmid,
		struct volume_list *out, struct error *err)
{
	return file_list(st, content, vmid, list_guest, out, err);
}

static int open_image(const struct storage *st, const char *volname, int flags,
		      struct error *err)
{
	auto_free char *path = volume_path(st, slice(volname), NULL);
	int fd = path ? open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;

	return fd < 0 ? fail(err, errno, "volume '%s:%s'", st->id, volname) : fd;
}

static int size(const struct storage *st, const char *volname, uint64_t *bytes,
		struct error *err)
{
	auto_close int fd = -1;
	struct volume volume;
	struct stat info;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.format != FORMAT_RAW)
		return dir_size(st, volname, bytes, err);
	fd = open_image(st, volname, O_RDONLY, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &info) < 0)
		return fail(err, errno, "volume '%s:%s'", st->id, volname);
	*bytes = (uint64_t)info.st_size;
	return 0;
}

static int resize(const struct storage *st, const char *volname, uint64_t size_kib,
		  struct error *err)
{
	auto_close int fd = -1;

	if (image_check_raw(st, volname, err) < 0)
		return -1;
	fd = open_image(st, volname, O_WRONLY, err);
	return fd < 0 ? -1 : image_resize(st, volname, fd, size_kib, err);
}

/* storage.md 6.7. Subvolumes keep their names, so the state "base" never comes. */
static const unsigned char raw_states[FEATURE_COUNT] = {
	[FEATURE_SNAPSHOT] = VOLUME_CURRENT | VOLUME_SNAPSHOT,
	[FEATURE_CLONE] = VOLUME_CURRENT | VOLUME_BASE | VOLUME_SNAPSHOT,
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE | VOLUME_SNAPSHOT,
	[FEATURE_RENAME] = VOLUME_CURRENT,
	[FEATURE_SPARSEINIT] = VOLUME_CURRENT | VOLUME_BASE,
};

static const unsigned char subvol_states[FEATURE_COUNT] = {
	[FEATURE_SNAPSHOT] = VOLUME_CURRENT | VOLUME_SNAPSHOT,
	[FEATURE_CLONE] = VOLUME_BASE,
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE | VOLUME_SNAPSHOT,
};

static const struct feature_row features[] = {
	{ FORMAT_RAW, raw_states, NULL },
	{ FORMAT_SUBVOL, subvol_states, NULL },
	{ .states = NULL },
};

const struct storage_type storage_btrfs = {
	.name = "btrfs",
	.kind = KIND_BTRFS,
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR | CONTENT_VZTMPL | CONTENT_ISO |
		   CONTENT_BACKUP | CONTENT_SNIPPETS | CONTENT_IMPORT,
	.default_content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.formats = 1U << FORMAT_RAW | 1U << FORMAT_SUBVOL,
	.owner_dirs = true,
	.features = features,
	.activate = activate,
	.usage = dir_usage,
	.parse = dir_parse,
	.path = volume_path,
	.new_name = dir_new_name,
	.list = list,
	.create = btrfs_create,
	.free = btrfs_free,
	.size = size,
	.resize = resize,
	.snapshot = btrfs_snapshot,
	.snapshot_delete = btrfs_snapshot_delete,
	.can_roll_back = btrfs_can_roll_back,
	.roll_back = btrfs_roll_back,
	.make_base = btrfs_make_base,
	.clone = btrfs_clone,
	.rename = btrfs_rename,
	.stage = btrfs_stage,
	.publish = btrfs_publish,
	.discard = btrfs_discard,
	.snapshot_stream = "btrfs",
	.send = btrfs_send_volume,
	.receive = btrfs_receive_volume,
	.adopt = btrfs_adopt,
};
