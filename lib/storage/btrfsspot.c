#include "storage/btrfsspot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/btrfs.h"
#include "storage/layout.h"

void spot_done(struct spot *spot)
{
	place_done(&spot->place);
	free_ptr(&spot->entry);
}

/*
 * Whether the entry would be taken for another volume's: for a snapshot, or as that of
 * "x.raw.raw" for "x.raw".
 */
static bool is_ambiguous(const struct spot *spot)
{
	auto_free char *volname = xasprintf("%u/%s", spot->volume.vmid, spot->entry);
	struct volume other;
	struct error err;

	return strchr(spot->entry, '@') ||
	       (spot->volume.format == FORMAT_RAW &&
		file_volume_parse(slice(volname), &other, &err) == 0);
}

int spot_open(const struct storage *st, const char *volname, enum place_mode mode,
	      struct spot *spot, struct error *err)
{
	if (file_volume_parse(slice(volname), &spot->volume, err) < 0)
		return -1;
	if (spot->volume.content != CONTENT_IMAGES || spot->volume.base.len)
		return fail(err, 0, "'%s' is not the name of a guest volume", volname);
	spot->entry = btrfs_entry(&spot->volume);
	if (mode == PLACE_CREATE && is_ambiguous(spot))
		return fail(err, 0, "illegal name '%s' for a volume of type 'btrfs'",
			    volname);
	return place_open(st, spot->volume.vmid, mode, &spot->place, err);
}

bool spot_has(const struct spot *spot, const char *name)
{
	struct stat info;

	return fstatat(spot->place.own, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

int spot_find(const struct storage *st, const char *volname, struct spot *spot,
	      struct error *err)
{
	if (spot_open(st, volname, PLACE_EXISTING, spot, err) < 0 && err->code != ENOENT)
		return -1;
	if (spot->place.own < 0 || !spot_has(spot, spot->entry))
		return fail(err, ENOENT, "volume '%s:%s'", st->id, volname);
	return 0;
}

int spot_exchange(const struct spot *spot, const char *temp, struct error *err)
{
	int dir = spot->place.own;

	if (renameat2(dir, temp, dir, spot->entry, RENAME_EXCHANGE) == 0 ||
	    (errno == ENOENT && renameat(dir, temp, dir, spot->entry) == 0))
		return 0;
	return fail(err, errno, "cannot replace '%s/%s'", spot->place.path, spot->entry);
}

/* ---- what the file system knows about a subvolume ---- */

typedef struct btrfs_ioctl_get_subvol_info_args subvol_info;

static int read_info(const struct spot *spot, const char *name, subvol_info *info,
		     struct error *err)
{
	auto_close int fd =
		open_beneath(spot->place.own, name, O_RDONLY | O_DIRECTORY, 0, err);

	if (fd < 0)
		return -1;
	if (ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, info) < 0)
		return fail(err, errno, "cannot look at subvolume '%s/%s'",
			    spot->place.path, name);
	return 0;
}

static int add_snapshot(const struct spot *spot, const char *name, void *arg,
			struct error *err)
{
	struct spot_snapshots *out = arg;
	subvol_info info = { 0 };

	if (read_info(spot, name, &info, err) < 0)
		return -1;
	out->at = grow_array(out->at, out->count, sizeof(*out->at));
	out->at[out->count].snap = xstrdup(name + strlen(spot->entry) + 1);
	out->at[out->count++].made = info.otransid;
	return 0;
}

static int compare_times(const void *a, const void *b)
{
	const struct spot_snapshot *left = a, *right = b;

	return (left->made > right->made) - (left->made < right->made);
}

int spot_each_snapshot(const struct spot *spot,
		       int (*visit)(const struct spot *spot, const char *name, void *arg,
				    struct error *err),
		       void *arg, struct error *err)
{
	auto_free char *prefix = xasprintf("%s@", spot->entry);
	int fd = openat(spot->place.own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return fail(err, errno, "cannot open directory '%s'", spot->place.path);
	while ((entry = readdir(dir)) != NULL)
		if (slice_starts(slice(entry->d_name), prefix) &&
		    visit(spot, entry->d_name, arg, err) < 0)
			return -1;
	return 0;
}

int spot_snapshots(const struct spot *spot, struct spot_snapshots *out, struct error *err)
{
	if (spot_each_snapshot(spot, add_snapshot, out, err) < 0)
		return -1;
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), compare_times);
	return 0;
}

void spot_snapshots_done(struct spot_snapshots *snapshots)
{
	for (size_t i = 0; i < snapshots->count; i++)
		free(snapshots->at[i].snap);
	free(snapshots->at);
	*snapshots = (struct spot_snapshots){ 0 };
}

bool spot_received_the_same(const struct spot *spot, const char *one, const char *other)
{
	static const uint8_t none[BTRFS_UUID_SIZE];
	subvol_info first = { 0 }, second = { 0 };
	struct error ignored;

	return read_info(spot, one, &first, &ignored) == 0 &&
	       read_info(spot, other, &second, &ignored) == 0 &&
	       memcmp(first.received_uuid, none, sizeof(none)) != 0 &&
	       memcmp(first.received_uuid, second.received_uuid, sizeof(none)) == 0;
}
