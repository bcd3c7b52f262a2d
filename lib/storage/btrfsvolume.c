#include "storage/btrfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/btrfsprog.h"
#include "storage/btrfsspot.h"
#include "storage/dirvolume.h"
#include "storage/layout.h"
#include "storage/properties.h"

#define IMAGE_MODE  0640
#define SUBVOL_MODE 0755

char *btrfs_entry(const struct volume *volume)
{
	size_t len = volume->name.len;

	if (volume->format == FORMAT_RAW)
		len -= strlen(".raw");
	return slice_dup(slice_of(volume->name.at, len));
}

/* Making */

/* The attribute counts for what is written later, so it is set before the size. */
static void set_nocow(int fd)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	flags |= FS_NOCOW_FL;
	ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int make_image(const struct storage *st, int dirfd, uint64_t size_kib,
		      struct error *err)
{
	auto_close int fd =
		openat(dirfd, BTRFS_IMAGE,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, IMAGE_MODE);

	if (fd < 0)
		return fail(err, errno, "cannot create the file");
	if (storage_flag(st, "nocow", false))
		set_nocow(fd);
	return image_set_size(st, fd, size_kib * 1024, err);
}

static int check_size(const struct volume *volume, uint64_t size_kib, struct error *err)
{
	if (volume->format == FORMAT_OTHER)
		return fail(err, 0, "volumes of format '%s' cannot be created",
			    volume->format_name);
	if (volume->format == FORMAT_SUBVOL && size_kib)
		return fail(err, 0,
			    "a directory volume has no size limit, its size must be 0");
	return image_size_check(size_kib, err);
}

static int make_temp(const struct storage *st, const struct spot *spot, const char *temp,
		     uint64_t size_kib, struct error *err)
{
	auto_close int fd = -1;

	if (btrfs_subvolume_create(&spot->place, temp, err) < 0)
		return -1;
	fd = open_beneath(spot->place.own, temp, O_RDONLY | O_DIRECTORY, 0, err);
	if (fd < 0)
		return -1;
	if (fchmod(fd, SUBVOL_MODE) < 0)
		return fail(err, errno, "cannot set the mode of the subvolume");
	return spot->volume.format == FORMAT_RAW ? make_image(st, fd, size_kib, err) : 0;
}

static int create_in(const struct storage *st, const struct spot *spot, uint64_t size_kib,
		     struct error *err)
{
	char temp[PLACE_TEMP_MAX];
	struct error ignored;

	place_sweep(&spot->place, btrfs_remove_entry);
	place_temp(temp);
	if (make_temp(st, spot, temp, size_kib, err) == 0 &&
	    place_rename(&spot->place, temp, &spot->place, spot->entry, err) == 0)
		return 0;
	btrfs_remove_entry(&spot->place, temp, &ignored);
	return -1;
}

int btrfs_create(const struct storage *st, const char *volname, uint64_t size_kib,
		 struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;

	if (file_volume_parse(slice(volname), &spot.volume, err) < 0 ||
	    check_size(&spot.volume, size_kib, err) < 0 ||
	    spot_open(st, volname, PLACE_CREATE, &spot, err) < 0)
		return -1;
	if (create_in(st, &spot, size_kib, err) == 0)
		return 0;
	if (err->code == EEXIST)
		return fail(err, 0, "disk image '%s/%s' already exists", spot.place.path,
			    spot.entry);
	return fail_prefix(err, "unable to create image '%s/%s': ", spot.place.path,
			   spot.entry);
}

int btrfs_stage(const struct storage *st, const char *volname, uint64_t size_kib,
		struct volume_stage *out, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	char temp[PLACE_TEMP_MAX];
	struct error ignored;
	int held = -1;

	if (spot_open(st, volname, PLACE_CREATE, &spot, err) < 0 ||
	    check_size(&spot.volume, size_kib, err) < 0)
		return -1;
	place_sweep(&spot.place, btrfs_remove_entry);
	place_temp(temp);
	if (make_temp(st, &spot, temp, size_kib, err) < 0 ||
	    (held = place_hold(&spot.place, temp, err)) < 0) {
		btrfs_remove_entry(&spot.place, temp, &ignored);
		return -1;
	}
	*out = (struct volume_stage){
		.vmid = spot.volume.vmid,
		.name = xstrdup(temp),
		.path = xasprintf("%s/%s%s", spot.place.path, temp,
				  spot.volume.format == FORMAT_RAW ? "/" BTRFS_IMAGE : ""),
		.held = held,
	};
	return 0;
}

int btrfs_publish(const struct storage *st, const struct volume_stage *stage,
		  const char *volname, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) < 0)
		return -1;
	return place_rename(&spot.place, stage->name, &spot.place, spot.entry, err);
}

int btrfs_discard(const struct storage *st, const struct volume_stage *stage,
		  struct error *err)
{
	auto_place struct place place = PLACE_INIT;

	if (place_open(st, stage->vmid, PLACE_EXISTING, &place, err) < 0)
		return -1;
	return btrfs_remove_entry(&place, stage->name, err);
}

/* Removing */

static int remove_snapshot(const struct spot *spot, const char *name, void *arg,
			   struct error *err)
{
	(void)arg;
	return btrfs_remove_entry(&spot->place, name, err);
}

static int free_guest_volume(const struct storage *st, const char *volname,
			     struct notes *notes, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) < 0 && err->code != ENOENT)
		return -1;
	if (spot.place.own < 0 || !spot_has(&spot, spot.entry))
		notes_add(notes, "disk image '%s/%s' does not exist", spot.place.path,
			  spot.entry);
	if (spot.place.own < 0)
		return 0;
	place_sweep(&spot.place, btrfs_remove_entry);
	if (spot_each_snapshot(&spot, remove_snapshot, NULL, err) < 0 ||
	    btrfs_remove_entry(&spot.place, spot.entry, err) < 0)
		return fail_prefix(err, "unable to remove '%s/%s': ", spot.place.path,
				   spot.entry);
	return 0;
}

int btrfs_free(const struct storage *st, const char *volname, struct notes *notes,
	       struct error *err)
{
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content != CONTENT_IMAGES)
		return dir_free(st, volname, notes, err);
	return free_guest_volume(st, volname, notes, err);
}

/* Snapshots */

static int fail_exists(const struct storage *st, const char *volname, const char *snap,
		       struct error *err)
{
	if (err->code != EEXIST)
		return -1;
	return fail(err, 0, "snapshot '%s' of volume '%s:%s' already exists", snap, st->id,
		    volname);
}

int btrfs_snapshot(const struct storage *st, const char *volname, const char *snap,
		   struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_free char *name = NULL;

	if (spot_find(st, volname, &spot, err) < 0)
		return -1;
	name = xasprintf("%s@%s", spot.entry, snap);
	if (btrfs_subvolume_snapshot(&spot.place, spot.entry, &spot.place, name, true,
				     err) < 0)
		return fail_exists(st, volname, snap, err);
	return 0;
}

int btrfs_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			  struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_free char *name = NULL;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	name = xasprintf("%s@%s", spot.entry, snap);
	return btrfs_remove_entry(&spot.place, name, err);
}

int btrfs_can_roll_back(const struct storage *st, const char *volname, const char *snap,
			struct notes *newer, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_free char *name = NULL;

	(void)newer;
	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) < 0)
		return -1;
	name = xasprintf("%s@%s", spot.entry, snap);
	if (!spot_has(&spot, name))
		return fail(err, ENOENT, "snapshot '%s' of volume '%s:%s'", snap, st->id,
			    volname);
	return 0;
}

int btrfs_roll_back(const struct storage *st, const char *volname, const char *snap,
		    struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_free char *name = NULL;
	char temp[PLACE_TEMP_MAX];
	struct error ignored;
	int status;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) < 0)
		return -1;
	name = xasprintf("%s@%s", spot.entry, snap);
	place_sweep(&spot.place, btrfs_remove_entry);
	place_temp(temp);
	status = btrfs_subvolume_snapshot(&spot.place, name, &spot.place, temp, false, err);
	if (status == 0)
		status = spot_exchange(&spot, temp, err);
	btrfs_remove_entry(&spot.place, temp, &ignored);
	return status;
}

/* New names */

static int move(const struct storage *st, const char *volname, const char *new_name,
		struct error *err)
{
	auto_spot struct spot from = SPOT_INIT, to = SPOT_INIT;

	if (spot_find(st, volname, &from, err) < 0 ||
	    spot_open(st, new_name, PLACE_CREATE, &to, err) < 0)
		return -1;
	if (place_rename(&from.place, from.entry, &to.place, to.entry, err) == 0)
		return 0;
	if (err->code == EEXIST)
		return fail(err, 0, "disk image '%s/%s' already exists", to.place.path,
			    to.entry);
	return -1;
}

int btrfs_rename(const struct storage *st, const char *volname, const char *new_name,
		 struct error *err)
{
	return move(st, volname, new_name, err);
}

/* A directory keeps its name, and whoever holds the template mark protects it. */
int btrfs_make_base(const struct storage *st, const char *volname, const char *new_name,
		    struct notes *notes, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT, base = SPOT_INIT;
	struct error missing;

	(void)notes;
	if (strcmp(volname, new_name) == 0)
		return spot_find(st, volname, &spot, err);
	/* Without the volume itself, an earlier try has renamed it. */
	if ((spot_find(st, volname, &spot, &missing) == 0 ||
	     spot_find(st, new_name, &base, &missing) < 0) &&
	    move(st, volname, new_name, err) < 0)
		return -1;
	spot_done(&base);
	base = (struct spot)SPOT_INIT;
	if (spot_find(st, new_name, &base, err) < 0)
		return -1;
	return btrfs_set_read_only(&base.place, base.entry, true, err);
}

int btrfs_clone(const struct storage *st, const char *volname, const char *snap,
		const char *new_name, struct error *err)
{
	auto_spot struct spot from = SPOT_INIT, to = SPOT_INIT;
	auto_free char *origin = NULL;

	if (snap ? spot_open(st, volname, PLACE_EXISTING, &from, err) < 0
		 : spot_find(st, volname, &from, err) < 0)
		return -1;
	origin = snap ? xasprintf("%s@%s", from.entry, snap) : xstrdup(from.entry);
	if (!spot_has(&from, origin))
		return fail(err, ENOENT, "snapshot '%s' of volume '%s:%s'", snap, st->id,
			    volname);
	if (spot_open(st, new_name, PLACE_CREATE, &to, err) < 0)
		return -1;
	place_sweep(&to.place, btrfs_remove_entry);
	return btrfs_subvolume_snapshot(&from.place, origin, &to.place, to.entry, false,
					err);
}
