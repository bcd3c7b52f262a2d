#include "storage/reflink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/dirvolume.h"
#include "storage/layout.h"
#include "storage/place.h"

/* An image, its snapshot, and where both are. */
struct pair {
	struct place place;
	char *image, *snapshot; /* owned */
};

#define auto_pair __attribute__((cleanup(pair_done)))

static void pair_done(struct pair *pair)
{
	place_done(&pair->place);
	free_ptr(&pair->image);
	free_ptr(&pair->snapshot);
}

static int pair_open(const struct storage *st, const char *volname, const char *snap,
		     struct pair *pair, struct error *err)
{
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0 ||
	    place_open(st, volume.vmid, PLACE_EXISTING, &pair->place, err) < 0)
		return -1;
	pair->image = slice_dup(volume.name);
	pair->snapshot = xasprintf("%s@%s", pair->image, snap);
	return 0;
}

/* A copy of from under a temporary name, with its mode, sharing all blocks. */
static int clone_file(const struct place *place, const char *from, const char *temp,
		      struct error *err)
{
	auto_close int source = open_beneath(place->own, from, O_RDONLY, 0, err);
	auto_close int copy = -1;
	struct stat info;

	if (source < 0)
		return -1;
	copy = openat(place->own, temp,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (copy < 0 || fstat(source, &info) < 0 || fchmod(copy, info.st_mode & 0777) < 0)
		return fail(err, errno, "cannot copy '%s/%s'", place->path, from);
	if (ioctl(copy, FICLONE, source) < 0)
		return fail(err, errno,
			    "the file system cannot share the blocks of '%s/%s'",
			    place->path, from);
	if (fsync(copy) < 0)
		return fail(err, errno, "cannot write '%s/%s'", place->path, temp);
	return 0;
}

int reflink_snapshot(const struct storage *st, const char *volname, const char *snap,
		     struct error *err)
{
	auto_pair struct pair pair = { .place = PLACE_INIT };
	char temp[PLACE_TEMP_MAX];

	if (pair_open(st, volname, snap, &pair, err) < 0)
		return -1;
	place_sweep(&pair.place, dir_remove_entry);
	place_temp(temp);
	if (clone_file(&pair.place, pair.image, temp, err) == 0 &&
	    place_rename(&pair.place, temp, &pair.place, pair.snapshot, err) == 0)
		return 0;
	unlinkat(pair.place.own, temp, 0);
	if (err->code == EEXIST)
		return fail(err, 0, "snapshot '%s' of volume '%s:%s' already exists", snap,
			    st->id, volname);
	return -1;
}

int reflink_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			    struct error *err)
{
	auto_pair struct pair pair = { .place = PLACE_INIT };

	if (pair_open(st, volname, snap, &pair, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	if (unlinkat(pair.place.own, pair.snapshot, 0) < 0 && errno != ENOENT)
		return fail(err, errno, "cannot remove '%s/%s'", pair.place.path,
			    pair.snapshot);
	return 0;
}

int reflink_can_roll_back(const struct storage *st, const char *volname, const char *snap,
			  struct notes *newer, struct error *err)
{
	auto_pair struct pair pair = { .place = PLACE_INIT };
	struct stat info;

	(void)newer;
	if (pair_open(st, volname, snap, &pair, err) < 0)
		return -1;
	if (fstatat(pair.place.own, pair.snapshot, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(err, errno, "snapshot '%s' of volume '%s:%s'", snap, st->id,
			    volname);
	return 0;
}

int reflink_roll_back(const struct storage *st, const char *volname, const char *snap,
		      struct error *err)
{
	auto_pair struct pair pair = { .place = PLACE_INIT };
	char temp[PLACE_TEMP_MAX];

	if (pair_open(st, volname, snap, &pair, err) < 0)
		return -1;
	place_temp(temp);
	if (clone_file(&pair.place, pair.snapshot, temp, err) == 0) {
		if (renameat(pair.place.own, temp, pair.place.own, pair.image) == 0)
			return 0;
		fail(err, errno, "cannot replace '%s/%s'", pair.place.path, pair.image);
	}
	unlinkat(pair.place.own, temp, 0);
	return -1;
}
