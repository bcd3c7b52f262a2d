#include "storage/dirchange.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/dirvolume.h"
#include "storage/image.h"
#include "storage/layout.h"
#include "storage/place.h"

#define BASE_MODE 0444

static int fail_missing(const struct storage *st, const char *volname, struct error *err)
{
	if (err->code != ENOENT)
		return -1;
	return fail(err, ENOENT, "volume '%s:%s'", st->id, volname);
}

/* The place that holds a volume, and the volume's name there. */
static int open_place(const struct storage *st, const char *volname, struct place *place,
		      struct volume *volume, struct error *err)
{
	if (file_volume_parse(slice(volname), volume, err) < 0)
		return -1;
	if (place_open(st, volume->vmid, PLACE_EXISTING, place, err) < 0)
		return fail_missing(st, volname, err);
	return 0;
}

int dir_open_image(const struct storage *st, const char *volname, int flags,
		   struct error *err)
{
	auto_place struct place place = PLACE_INIT;
	auto_free char *name = NULL;
	struct volume volume;
	int fd;

	if (open_place(st, volname, &place, &volume, err) < 0)
		return -1;
	name = slice_dup(volume.name);
	fd = open_beneath(place.own, name, flags | O_NOFOLLOW | O_NONBLOCK, 0, err);
	return fd < 0 ? fail_missing(st, volname, err) : fd;
}

int dir_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err)
{
	auto_free char *path = file_volume_path(st, slice(volname), NULL);
	struct image image = { .backing = STRBUF_INIT };
	auto_close int fd = -1;
	struct volume volume;
	struct stat info;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		return fail(err, errno, "volume '%s:%s'", st->id, volname);
	if (volume.format == FORMAT_SUBVOL) {
		*bytes = 0;
		return 0;
	}
	image_read(fd, volume.format_name, (uint64_t)info.st_size, &image);
	strbuf_done(&image.backing);
	*bytes = image.size;
	return 0;
}

int image_check_raw(const struct storage *st, const char *volname, struct error *err)
{
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.format == FORMAT_RAW)
		return 0;
	return fail(err, 0, "volume '%s:%s' of format '%s' cannot be resized", st->id,
		    volname, volume.format_name);
}

int image_resize(const struct storage *st, const char *volname, int fd, uint64_t size_kib,
		 struct error *err)
{
	if (image_size_check(size_kib, err) < 0)
		return -1;
	if (ftruncate(fd, (off_t)(size_kib * 1024)) < 0)
		return fail(err, errno, "cannot resize volume '%s:%s'", st->id, volname);
	return 0;
}

int dir_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_close int fd = -1;

	if (image_check_raw(st, volname, err) < 0)
		return -1;
	fd = dir_open_image(st, volname, O_WRONLY, err);
	return fd < 0 ? -1 : image_resize(st, volname, fd, size_kib, err);
}

int dir_move(const struct storage *st, const char *volname, const char *new_name,
	     struct error *err)
{
	auto_place struct place from = PLACE_INIT, to = PLACE_INIT;
	auto_free char *name = NULL, *final = NULL;
	struct volume volume, renamed;

	if (open_place(st, volname, &from, &volume, err) < 0 ||
	    file_volume_parse(slice(new_name), &renamed, err) < 0 ||
	    place_open(st, renamed.vmid, PLACE_CREATE, &to, err) < 0)
		return -1;
	name = slice_dup(volume.name);
	final = slice_dup(renamed.name);
	if (place_rename(&from, name, &to, final, err) == 0)
		return 0;
	if (err->code == EEXIST)
		return fail(err, 0, "disk image '%s/%s' already exists", to.path, final);
	return fail_missing(st, volname, err);
}

int dir_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err)
{
	return dir_move(st, volname, new_name, err);
}

/* Nothing may write to it any more; the attribute is a second lock on that door. */
static int protect(const struct storage *st, const char *volname, struct notes *notes,
		   struct error *err)
{
	auto_close int fd = dir_open_image(st, volname, O_RDONLY, err);

	if (fd < 0)
		return -1;
	if (fchmod(fd, BASE_MODE) < 0 && errno != EPERM)
		return fail(err, errno, "cannot write-protect volume '%s:%s'", st->id,
			    volname);
	if (!image_set_immutable(fd, true))
		notes_add(notes, "cannot make volume '%s:%s' immutable", st->id, volname);
	return 0;
}

static bool exists(const struct storage *st, const char *volname)
{
	auto_free char *path = file_volume_path(st, slice(volname), NULL);

	return path_exists(path);
}

int dir_make_base(const struct storage *st, const char *volname, const char *new_name,
		  struct notes *notes, struct error *err)
{
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.format == FORMAT_SUBVOL)
		return exists(st, volname)
			       ? 0
			       : fail(err, ENOENT, "volume '%s:%s'", st->id, volname);
	/* Without the volume itself, an earlier try has renamed it. */
	if ((exists(st, volname) || !exists(st, new_name)) &&
	    dir_move(st, volname, new_name, err) < 0)
		return -1;
	return protect(st, new_name, notes, err);
}
