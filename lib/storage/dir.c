#include "storage/dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "config/prop.h"
#include "storage/dirchange.h"
#include "storage/dirlist.h"
#include "storage/dirvolume.h"
#include "storage/diskname.h"
#include "storage/layout.h"
#include "storage/mounts.h"
#include "storage/properties.h"
#include "storage/reflink.h"
#include "storage/type.h"

#define DIRS_MAX 7 /* content types */

/* Activation */

static int check_mount_point(const struct storage *st, struct error *err)
{
	const char *value = keyvals_get(&st->props, "is_mountpoint");
	int word = value ? bool_parse(slice(value)) : 0;
	auto_free char *path = NULL;
	bool is_mounted = false;

	if (word == 0)
		return 0;
	path = realpath(word > 0 ? st->path : value, NULL);
	if (path && mounts_has(path, &is_mounted, err) < 0)
		return -1;
	if (!is_mounted)
		return fail(err, 0, "'%s' is not a mount point",
			    word > 0 ? st->path : value);
	return 0;
}

static int make_base(const struct storage *st, struct error *err)
{
	struct stat info;

	if (storage_flag(st, "create-base-path", storage_flag(st, "mkdir", true)))
		return make_dirs(st->path, 0777, err);
	if (stat(st->path, &info) < 0 || !S_ISDIR(info.st_mode))
		return fail(err, 0, "directory '%s' does not exist", st->path);
	return 0;
}

/* rootdir needs no directory of backups, but the usual tool makes one for it. */
static unsigned offered_dirs(const struct storage *st)
{
	return st->content | (st->content & CONTENT_ROOTDIR ? CONTENT_BACKUP : 0U);
}

static int make_content_dirs(const struct storage *st, struct error *err)
{
	unsigned content = offered_dirs(st);

	if (!storage_flag(st, "create-subdirs", storage_flag(st, "mkdir", true)))
		return 0;
	for (unsigned one = 1; one <= CONTENT_IMPORT; one <<= 1) {
		auto_free char *dir = file_content_dir(st, one);

		if (content & one && make_dirs(dir, 0777, err) < 0)
			return -1;
	}
	return 0;
}

/* Files of one content type would show up as the other's. */
static int check_distinct(const struct storage *st, struct error *err)
{
	struct {
		dev_t dev;
		ino_t ino;
		unsigned content;
	} seen[DIRS_MAX];
	size_t count = 0;

	for (unsigned one = 1; one <= CONTENT_IMPORT; one <<= 1) {
		auto_free char *dir = file_content_dir(st, one);
		struct stat info;

		if (!(st->content & one) || stat(dir, &info) < 0)
			continue;
		for (size_t i = 0; i < count; i++)
			if (seen[i].dev == info.st_dev && seen[i].ino == info.st_ino)
				return fail(err, 0,
					    "content types '%s' and '%s' have one "
					    "directory '%s'",
					    content_name(seen[i].content),
					    content_name(one), dir);
		seen[count].dev = info.st_dev;
		seen[count].ino = info.st_ino;
		seen[count++].content = one;
	}
	return 0;
}

/* All that activation looks at. */
static int probe(const struct storage *st, struct error *err)
{
	auto_words char **paths = xcalloc(DIRS_MAX + 3, sizeof(*paths));
	const char *mount_point = keyvals_get(&st->props, "is_mountpoint");
	size_t count = 0;

	paths[count++] = xstrdup(st->path);
	if (mount_point && bool_parse(slice(mount_point)) < 0)
		paths[count++] = xstrdup(mount_point);
	for (unsigned one = 1; one <= CONTENT_IMPORT; one <<= 1)
		if (offered_dirs(st) & one)
			paths[count++] = file_content_dir(st, one);
	return mounts_probe((const char *const *)paths, err);
}

int dir_activate(const struct storage *st, struct error *err)
{
	if (probe(st, err) < 0 || check_mount_point(st, err) < 0 ||
	    make_base(st, err) < 0 || make_content_dirs(st, err) < 0 ||
	    check_distinct(st, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return 0;
}

int dir_usage(const struct storage *st, struct storage_usage *out, struct error *err)
{
	return mounts_usage(st->path, out, err);
}

/* Volumes */

int dir_parse(const struct storage *st, struct slice volname, struct volume *out,
	      struct error *err)
{
	(void)st;
	return file_volume_parse(volname, out, err);
}

static int find_taken(const char *path, unsigned vmid, struct taken_disks *taken,
		      struct error *err)
{
	auto_dir DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return fail(err, errno, "cannot open directory '%s'", path);
	while ((entry = readdir(dir)) != NULL)
		disk_take(taken, slice(entry->d_name), vmid);
	return 0;
}

char *dir_new_name(const struct storage *st, unsigned vmid, enum volume_format format,
		   struct error *err)
{
	auto_free char *images = file_content_dir(st, CONTENT_IMAGES);
	auto_free char *path = xasprintf("%s/%u", images, vmid);
	struct taken_disks taken = { 0 };
	unsigned number;

	if (find_taken(path, vmid, &taken, err) < 0 ||
	    disk_free_number(st, vmid, &taken, &number, err) < 0)
		return NULL;
	if (format == FORMAT_SUBVOL)
		return xasprintf("%u/subvol-%u-disk-%u.subvol", vmid, vmid, number);
	return xasprintf("%u/vm-%u-disk-%u.raw", vmid, vmid, number);
}

/* storage.md 6.7. A clone would be a qcow2 overlay, which is nothing for containers. */
static const unsigned char raw_states[FEATURE_COUNT] = {
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE,
	[FEATURE_RENAME] = VOLUME_CURRENT,
	[FEATURE_SPARSEINIT] = VOLUME_CURRENT | VOLUME_BASE,
};

static const unsigned char reflink_states[FEATURE_COUNT] = {
	[FEATURE_SNAPSHOT] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_SNAPSHOT,
};

/* Copying works for containers whatever the storage says. */
static const unsigned char subvol_states[FEATURE_COUNT] = {
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE,
};

const struct feature_row file_features[] = {
	{ FORMAT_RAW, raw_states, NULL },
	{ FORMAT_RAW, reflink_states, "reflink" },
	{ FORMAT_SUBVOL, subvol_states, NULL },
	{ .states = NULL },
};

const struct storage_type storage_dir = {
	.name = "dir",
	.kind = KIND_DIR,
	.default_content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.formats = 1U << FORMAT_RAW | 1U << FORMAT_SUBVOL | 1U << FORMAT_OTHER,
	.activate = dir_activate,
	.snapshot = reflink_snapshot,
	.snapshot_delete = reflink_snapshot_delete,
	.can_roll_back = reflink_can_roll_back,
	.roll_back = reflink_roll_back,
	FILE_TYPE_ROW,
};
