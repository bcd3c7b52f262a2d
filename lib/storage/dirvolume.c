#include "storage/dirvolume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"
#include "storage/dirfile.h"
#include "storage/layout.h"
#include "storage/place.h"
#include "storage/target.h"

#define IMAGE_MODE  0640
#define SUBVOL_MODE 0755

static int write_zeros(int fd, uint64_t size, struct error *err)
{
	static const char zeros[1024 * 1024];

	for (uint64_t done = 0; done < size;) {
		uint64_t step = size - done < sizeof(zeros) ? size - done : sizeof(zeros);

		if (write_all(fd, zeros, step, err) < 0)
			return -1;
		done += step;
	}
	return 0;
}

int image_set_size(const struct storage *st, int fd, uint64_t size, struct error *err)
{
	const char *mode = keyvals_get(&st->props, "preallocation");

	if (ftruncate(fd, (off_t)size) < 0)
		return fail(err, errno, "cannot set its size to %llu bytes",
			    (unsigned long long)size);
	if (mode && strcmp(mode, "full") == 0)
		return write_zeros(fd, size, err);
	if (mode && strcmp(mode, "falloc") == 0 && size &&
	    fallocate(fd, 0, 0, (off_t)size) < 0)
		return fail(err, errno, "cannot reserve %llu bytes",
			    (unsigned long long)size);
	return 0;
}

int image_size_check(uint64_t size_kib, struct error *err)
{
	if (size_kib <= INT64_MAX / 1024)
		return 0;
	return fail(err, EFBIG, "cannot make an image of %llu KiB",
		    (unsigned long long)size_kib);
}

static int make_image(const struct storage *st, const struct place *place, const char *temp,
		      uint64_t size_kib, struct error *err)
{
	auto_close int fd = -1;

	if (image_size_check(size_kib, err) < 0)
		return -1;
	fd = openat(place->own, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    IMAGE_MODE);
	if (fd < 0)
		return fail(err, errno, "cannot create the file");
	return image_set_size(st, fd, size_kib * 1024, err);
}

/* Guests need to pass through it whatever our umask is. */
static int make_subvol(const struct place *place, const char *temp, uint64_t size_kib,
		       struct error *err)
{
	auto_close int fd = -1;

	if (size_kib)
		return fail(err, 0,
			    "a directory volume has no size limit, its size must be 0");
	if (mkdirat(place->own, temp, SUBVOL_MODE) < 0)
		return fail(err, errno, "cannot create the directory");
	fd = openat(place->own, temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, SUBVOL_MODE) < 0)
		return fail(err, errno, "cannot set the mode of the directory");
	return 0;
}

static int make_temp(const struct storage *st, const struct place *place,
		     const struct volume *volume, const char *temp, uint64_t size_kib,
		     struct error *err)
{
	if (volume->format == FORMAT_RAW)
		return make_image(st, place, temp, size_kib, err);
	if (volume->format == FORMAT_SUBVOL)
		return make_subvol(place, temp, size_kib, err);
	return fail(err, 0, "volumes of format '%s' cannot be created",
		    volume->format_name);
}

static int create_in(const struct storage *st, const struct place *place,
		     const struct volume *volume, uint64_t size_kib, struct error *err)
{
	auto_free char *name = slice_dup(volume->name);
	char temp[PLACE_TEMP_MAX];
	struct error ignored;

	place_sweep(place, dir_remove_entry);
	place_temp(temp);
	if (make_temp(st, place, volume, temp, size_kib, err) == 0 &&
	    place_rename(place, temp, place, name, err) == 0)
		return 0;
	dir_remove_entry(place, temp, &ignored);
	return -1;
}

int dir_stage(const struct storage *st, const char *volname, uint64_t size_kib,
	      struct volume_stage *out, struct error *err)
{
	auto_place struct place place = PLACE_INIT;
	char temp[PLACE_TEMP_MAX];
	struct error ignored;
	struct volume volume;
	int held = -1;

	if (file_volume_parse(slice(volname), &volume, err) < 0 ||
	    place_open(st, volume.vmid, PLACE_CREATE, &place, err) < 0)
		return -1;
	place_sweep(&place, dir_remove_entry);
	place_temp(temp);
	if (make_temp(st, &place, &volume, temp, size_kib, err) < 0 ||
	    (held = place_hold(&place, temp, err)) < 0) {
		dir_remove_entry(&place, temp, &ignored);
		return -1;
	}
	*out = (struct volume_stage){ .vmid = volume.vmid,
				      .name = xstrdup(temp),
				      .path = xasprintf("%s/%s", place.path, temp),
				      .held = held };
	return 0;
}

int dir_publish(const struct storage *st, const struct volume_stage *stage,
		const char *volname, struct error *err)
{
	auto_place struct place place = PLACE_INIT;
	auto_free char *name = NULL;
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0 ||
	    place_open(st, stage->vmid, PLACE_EXISTING, &place, err) < 0)
		return -1;
	name = slice_dup(volume.name);
	return place_rename(&place, stage->name, &place, name, err);
}

int dir_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err)
{
	auto_place struct place place = PLACE_INIT;

	if (place_open(st, stage->vmid, PLACE_EXISTING, &place, err) < 0)
		return -1;
	return dir_remove_entry(&place, stage->name, err);
}

int dir_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_free char *path = file_volume_path(st, slice(volname), NULL);
	auto_place struct place place = PLACE_INIT;
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content != CONTENT_IMAGES || volume.base.len)
		return fail(err, 0, "'%s' is not the name of a new volume", volname);
	if (place_open(st, volume.vmid, PLACE_CREATE, &place, err) < 0)
		return -1;
	if (create_in(st, &place, &volume, size_kib, err) < 0) {
		if (err->code == EEXIST)
			return fail(err, 0, "disk image '%s' already exists", path);
		return fail_prefix(err, "unable to create image '%s': ", path);
	}
	return 0;
}

bool image_set_immutable(int fd, bool immutable)
{
	int flags = 0, wanted;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return false;
	wanted = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	return wanted == flags || ioctl(fd, FS_IOC_SETFLAGS, &wanted) == 0;
}

int dir_remove_entry(const struct place *place, const char *name, struct error *err)
{
	return tree_remove(place->own, name, err);
}

/* Base volumes, and directories of the usual tool's templates, carry the attribute. */
static void clear_immutable(const struct place *place, const char *name)
{
	auto_close int fd =
		openat(place->own, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		image_set_immutable(fd, false);
}

/* "<name>@<snap>": they go with their volume. "a.raw@b.raw" is a volume of its own. */
static int remove_snapshots(const struct place *place, const char *name, struct error *err)
{
	auto_free char *prefix = xasprintf("%s@", name);
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;
	struct error none;
	int fd = openat(place->own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return fail(err, errno, "cannot open directory '%s'", place->path);
	while ((entry = readdir(dir)) != NULL)
		if (slice_starts(slice(entry->d_name), prefix) &&
		    snapshot_name_check(entry->d_name + strlen(prefix), &none) == 0 &&
		    place_remove(place, entry->d_name, dir_remove_entry, err) < 0)
			return -1;
	return 0;
}

static int free_guest_volume(const struct storage *st, const struct volume *volume,
			     const char *path, struct notes *notes, struct error *err)
{
	auto_place struct place place = PLACE_INIT;
	auto_free char *name = slice_dup(volume->name);
	struct stat info;
	bool missing = place_open(st, volume->vmid, PLACE_EXISTING, &place, err) < 0;

	if (missing && err->code != ENOENT)
		return -1;
	if (missing || fstatat(place.own, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		notes_add(notes, "disk image '%s' does not exist", path);
	if (missing)
		return 0;
	place_sweep(&place, dir_remove_entry);
	clear_immutable(&place, name);
	if (remove_snapshots(&place, name, err) < 0 ||
	    place_remove(&place, name, dir_remove_entry, err) < 0)
		return fail_prefix(err, "unable to remove '%s': ", path);
	return 0;
}

int dir_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err)
{
	auto_free char *path = file_volume_path(st, slice(volname), NULL);
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content == CONTENT_IMAGES)
		return free_guest_volume(st, &volume, path, notes, err);
	return dir_free_file(&volume, path, notes, err);
}
