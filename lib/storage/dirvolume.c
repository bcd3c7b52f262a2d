#include "storage/dirvolume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"
#include "storage/layout.h"

#define IMAGE_DIR_MODE 0740
#define IMAGE_MODE     0640
#define SUBVOL_MODE    0755

/* The directory of images and, in it, that of one owner: where a volume's name lives. */
struct place {
	int images, own;
	char id[16];
};

#define auto_place __attribute__((cleanup(place_done)))

static void place_done(struct place *place)
{
	close_fd(&place->own);
	close_fd(&place->images);
}

/* A directory that is missing gives -1 with code ENOENT. */
static int place_open(const struct storage *st, unsigned vmid, bool create,
		      struct place *place, struct error *err)
{
	auto_free char *path = file_content_dir(st, CONTENT_IMAGES);

	if (create && make_dirs(path, 0777, err) < 0)
		return -1;
	snprintf(place->id, sizeof(place->id), "%u", vmid);
	place->images = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->images < 0)
		return fail(err, errno, "cannot open directory '%s'", path);
	if (create && mkdirat(place->images, place->id, IMAGE_DIR_MODE) < 0 &&
	    errno != EEXIST)
		return fail(err, errno, "cannot create directory '%s/%s'", path, place->id);
	place->own = open_beneath(place->images, place->id, O_RDONLY | O_DIRECTORY, 0, err);
	return place->own < 0 ? fail_in(err, "%s", path) : 0;
}

/* The name is one of several in the directory at most: failure means that it is used. */
static void place_prune(const struct place *place)
{
	unlinkat(place->images, place->id, AT_REMOVEDIR);
}

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

static int set_size(const struct storage *st, int fd, uint64_t size, struct error *err)
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

static int create_image(const struct storage *st, const struct place *place,
			const char *name, uint64_t size_kib, struct error *err)
{
	auto_close int fd = -1;

	if (size_kib > INT64_MAX / 1024)
		return fail(err, EFBIG, "cannot make an image of %llu KiB",
			    (unsigned long long)size_kib);
	fd = openat(place->own, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    IMAGE_MODE);
	if (fd < 0)
		return fail(err, errno, "cannot create the file");
	if (set_size(st, fd, size_kib * 1024, err) < 0) {
		unlinkat(place->own, name, 0);
		return -1;
	}
	return 0;
}

/* Guests need to pass through it whatever our umask is. */
static int create_subvol(const struct place *place, const char *name, uint64_t size_kib,
			 struct error *err)
{
	auto_close int fd = -1;

	if (size_kib)
		return fail(err, 0,
			    "a directory volume has no size limit, its size must be 0");
	if (mkdirat(place->own, name, SUBVOL_MODE) < 0)
		return fail(err, errno, "cannot create the directory");
	fd = openat(place->own, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, SUBVOL_MODE) < 0) {
		fail(err, errno, "cannot set the mode of the directory");
		unlinkat(place->own, name, AT_REMOVEDIR);
		return -1;
	}
	return 0;
}

static int create_in(const struct storage *st, const struct place *place,
		     const struct volume *volume, uint64_t size_kib, struct error *err)
{
	auto_free char *name = slice_dup(volume->name);

	if (volume->format == FORMAT_RAW)
		return create_image(st, place, name, size_kib, err);
	if (volume->format == FORMAT_SUBVOL)
		return create_subvol(place, name, size_kib, err);
	return fail(err, 0, "volumes of format '%s' cannot be created",
		    volume->format_name);
}

int dir_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_free char *path = file_volume_path(st, slice(volname));
	auto_place struct place place = { -1, -1, "" };
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content != CONTENT_IMAGES || volume.base.len)
		return fail(err, 0, "'%s' is not the name of a new volume", volname);
	if (place_open(st, volume.vmid, true, &place, err) < 0)
		return -1;
	if (create_in(st, &place, &volume, size_kib, err) < 0) {
		place_prune(&place);
		if (err->code == EEXIST)
			return fail(err, 0, "disk image '%s' already exists", path);
		return fail_prefix(err, "unable to create image '%s': ", path);
	}
	return 0;
}

/* Base volumes, and directories of templates, carry the immutable attribute. */
static void clear_immutable(int dirfd, const char *name)
{
	auto_close int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int flags = 0;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || !(flags & FS_IMMUTABLE_FL))
		return;
	flags &= ~FS_IMMUTABLE_FL;
	ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int free_guest_volume(const struct storage *st, const struct volume *volume,
			     const char *path, struct notes *notes, struct error *err)
{
	auto_place struct place place = { -1, -1, "" };
	auto_free char *name = slice_dup(volume->name);
	struct stat info;
	bool missing = place_open(st, volume->vmid, false, &place, err) < 0;

	if (missing && err->code != ENOENT)
		return -1;
	if (missing || fstatat(place.own, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
		notes_add(notes, "disk image '%s' does not exist", path);
	} else {
		clear_immutable(place.own, name);
		if (tree_remove(place.own, name, err) < 0)
			return fail_prefix(err, "unable to remove '%s': ", path);
	}
	if (!missing)
		place_prune(&place);
	return 0;
}

/* "vzdump-lxc-100-2026_01_05-02_00_01.tar.zst": the part before the extension, or 0. */
static size_t standard_backup_stem(struct slice name)
{
	static const char shape[] = "-dddd_dd_dd-dd_dd_dd.";
	size_t len = strlen(shape);

	for (size_t at = strlen("vzdump-lxc-1"); at + len <= name.len; at++) {
		size_t i = 0;

		while (i < len &&
		       (shape[i] == 'd' ? name.at[at + i] >= '0' && name.at[at + i] <= '9'
					: name.at[at + i] == shape[i]))
			i++;
		if (i == len)
			return at + len - 1;
	}
	return 0;
}

static int free_backup_parts(const char *path, const struct volume *volume,
			     struct error *err)
{
	auto_free char *notes = xasprintf("%s.notes", path);
	size_t stem = volume->vmid ? standard_backup_stem(volume->name) : 0;
	int dir_len = (int)(strlen(path) - volume->name.len);
	auto_free char *log = NULL;

	if (volume->content != CONTENT_BACKUP || !stem)
		return 0;
	log = xasprintf("%.*s%.*s.log", dir_len, path, (int)stem, volume->name.at);
	return remove_file(log, err) < 0 || remove_file(notes, err) < 0 ? -1 : 0;
}

static int free_file(const struct volume *volume, const char *path, struct notes *notes,
		     struct error *err)
{
	auto_free char *mark = xasprintf("%s.protected", path);

	if (volume->content == CONTENT_BACKUP && path_exists(mark))
		return fail(err, 0, "backup '%s' is protected", path);
	if (unlink(path) < 0) {
		if (errno != ENOENT)
			return fail(err, errno, "unable to remove '%s'", path);
		notes_add(notes, "file '%s' does not exist", path);
	}
	return free_backup_parts(path, volume, err);
}

int dir_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err)
{
	auto_free char *path = file_volume_path(st, slice(volname));
	struct volume volume;

	if (file_volume_parse(slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content == CONTENT_IMAGES)
		return free_guest_volume(st, &volume, path, notes, err);
	return free_file(&volume, path, notes, err);
}
