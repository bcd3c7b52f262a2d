#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "config/prop.h"
#include "storage/dirlist.h"
#include "storage/dirvolume.h"
#include "storage/layout.h"
#include "storage/mounts.h"
#include "storage/types.h"

#define DISKS_MAX 1024

/* Activation */

/* A yes-or-no property; *fallback when it is not set. */
static bool policy(const struct storage *st, const char *name, bool fallback)
{
	const char *value = keyvals_get(&st->props, name);

	return value ? strcmp(value, "1") == 0 : fallback;
}

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

	if (policy(st, "create-base-path", policy(st, "mkdir", true)))
		return make_dirs(st->path, 0777, err);
	if (stat(st->path, &info) < 0 || !S_ISDIR(info.st_mode))
		return fail(err, 0, "directory '%s' does not exist", st->path);
	return 0;
}

/* rootdir needs no directory of backups, but the usual tool makes one for it. */
static int make_content_dirs(const struct storage *st, struct error *err)
{
	unsigned content =
		st->content | (st->content & CONTENT_ROOTDIR ? CONTENT_BACKUP : 0U);

	if (!policy(st, "create-subdirs", policy(st, "mkdir", true)))
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
	} seen[8];
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

static int dir_activate(const struct storage *st, struct error *err)
{
	if (mounts_probe(st->path, err) < 0 || check_mount_point(st, err) < 0 ||
	    make_base(st, err) < 0 || make_content_dirs(st, err) < 0 ||
	    check_distinct(st, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return 0;
}

static int dir_usage(const struct storage *st, struct storage_usage *out, struct error *err)
{
	return mounts_usage(st->path, out, err);
}

/* Volumes */

static int dir_parse(const struct storage *st, struct slice volname, struct volume *out,
		     struct error *err)
{
	(void)st;
	return file_volume_parse(volname, out, err);
}

/* The N of "<prefix>-<vmid>-disk-<N>", whatever follows it; -1: another kind of name. */
static long disk_number(struct slice name, unsigned vmid)
{
	static const char *const prefixes[] = { "vm", "base", "subvol", "basevol" };
	auto_free char *middle = xasprintf("-%u-disk-", vmid);
	uint64_t number;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct slice rest = slice_from(name, strlen(prefixes[i]));

		if (!slice_starts(name, prefixes[i]) || !slice_starts(rest, middle))
			continue;
		rest = slice_from(rest, strlen(middle));
		rest.len = slice_digits(rest);
		if (slice_number(rest, 0, DISKS_MAX - 1, &number))
			return (long)number;
	}
	return -1;
}

static int find_taken(const char *path, unsigned vmid, bool *taken, struct error *err)
{
	auto_dir DIR *dir = opendir(path);
	const struct dirent *entry;
	long number;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return fail(err, errno, "cannot open directory '%s'", path);
	while ((entry = readdir(dir)) != NULL) {
		number = disk_number(slice(entry->d_name), vmid);
		if (number >= 0)
			taken[number] = true;
	}
	return 0;
}

static char *dir_new_name(const struct storage *st, unsigned vmid,
			  enum volume_format format, struct error *err)
{
	auto_free char *images = file_content_dir(st, CONTENT_IMAGES);
	auto_free char *path = xasprintf("%s/%u", images, vmid);
	bool taken[DISKS_MAX] = { false };

	if (find_taken(path, vmid, taken, err) < 0)
		return NULL;
	for (unsigned i = 0; i < DISKS_MAX; i++)
		if (!taken[i])
			return format == FORMAT_SUBVOL
				       ? xasprintf("%u/subvol-%u-disk-%u.subvol", vmid,
						   vmid, i)
				       : xasprintf("%u/vm-%u-disk-%u.raw", vmid, vmid, i);
	fail(err, 0, "unable to allocate an image name for ID %u in storage '%s'", vmid,
	     st->id);
	return NULL;
}

const struct storage_type storage_dir = {
	.name = "dir",
	.kind = KIND_DIR,
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR | CONTENT_VZTMPL | CONTENT_ISO |
		   CONTENT_BACKUP | CONTENT_SNIPPETS | CONTENT_IMPORT,
	.default_content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.formats = 1U << FORMAT_RAW | 1U << FORMAT_SUBVOL | 1U << FORMAT_OTHER,
	.activate = dir_activate,
	.usage = dir_usage,
	.parse = dir_parse,
	.path = file_volume_path,
	.new_name = dir_new_name,
	.create = dir_create,
	.free = dir_free,
	.list = dir_list,
};
