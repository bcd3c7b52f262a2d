#include "storage/btrfsspot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/own.h"
#include "storage/btrfs.h"
#include "storage/layout.h"

void spot_done(struct spot *spot)
{
	place_done(&spot->place);
	free_ptr(&spot->entry);
}

int spot_open(const struct storage *st, const char *volname, enum place_mode mode,
	      struct spot *spot, struct error *err)
{
	if (file_volume_parse(slice(volname), &spot->volume, err) < 0)
		return -1;
	if (spot->volume.content != CONTENT_IMAGES || spot->volume.base.len)
		return fail(err, 0, "'%s' is not the name of a guest volume", volname);
	spot->entry = btrfs_entry(&spot->volume);
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
