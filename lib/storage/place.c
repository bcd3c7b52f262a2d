#include "storage/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/random.h"
#include "storage/layout.h"

#define IMAGE_DIR_MODE 0740

int place_open(const struct storage *st, unsigned vmid, enum place_mode mode,
	       struct place *place, struct error *err)
{
	auto_free char *path = file_content_dir(st, CONTENT_IMAGES);

	if (mode == PLACE_CREATE && make_dirs(path, 0777, err) < 0)
		return -1;
	snprintf(place->id, sizeof(place->id), "%u", vmid);
	place->path = xasprintf("%s/%s", path, place->id);
	place->images = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->images < 0)
		return fail(err, errno, "cannot open directory '%s'", path);
	if (mode == PLACE_CREATE && mkdirat(place->images, place->id, IMAGE_DIR_MODE) < 0 &&
	    errno != EEXIST)
		return fail(err, errno, "cannot create directory '%s'", place->path);
	place->own = open_beneath(place->images, place->id, O_RDONLY | O_DIRECTORY, 0, err);
	return place->own < 0 ? fail_in(err, "%s", path) : 0;
}

int place_open_path(const char *path, struct place *place, struct error *err)
{
	place->path = xstrdup(path);
	place->own = open_dir(path, err);
	return place->own < 0 ? -1 : 0;
}

/* Removing a directory that is still in use fails: that is the wanted answer. */
void place_done(struct place *place)
{
	if (place->images >= 0 && place->own >= 0)
		unlinkat(place->images, place->id, AT_REMOVEDIR);
	close_fd(&place->own);
	close_fd(&place->images);
	free_ptr(&place->path);
}

void place_temp(char name[PLACE_TEMP_MAX])
{
	memcpy(name, PLACE_TEMP_PREFIX, sizeof(PLACE_TEMP_PREFIX));
	random_hex(name + strlen(PLACE_TEMP_PREFIX), 16);
}

/* Network file systems have no RENAME_NOREPLACE; the storage's lock stands in for it. */
int place_rename(const struct place *from, const char *name, const struct place *to,
		 const char *final, struct error *err)
{
	struct stat info;

	if (renameat2(from->own, name, to->own, final, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS) {
		if (fstatat(to->own, final, &info, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST;
		else if (renameat(from->own, name, to->own, final) == 0)
			return 0;
	}
	return fail(err, errno, "cannot rename '%s/%s' to '%s/%s'", from->path, name,
		    to->path, final);
}

/*
 * The mark is a lock of one byte that no image has: SMB servers keep others from reading
 * what is locked, be it the loop device of the same image, and NFS has no exclusive locks
 * for descriptors that only read. So the holder shares the byte, and others only ask.
 */
static struct flock mark(short type)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1
	};
}

int place_hold(const struct place *place, const char *temp, struct error *err)
{
	struct flock lock = mark(F_RDLCK);
	auto_close int fd = open_beneath(place->own, temp, O_RDONLY, 0, err);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return fail(err, errno, "cannot lock '%s/%s'", place->path, temp);
	return take_fd(&fd);
}

static bool is_abandoned(const struct place *place, const char *name)
{
	auto_close int fd =
		openat(place->own, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct flock lock = mark(F_WRLCK);

	return fd < 0 || (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
}

void place_sweep(const struct place *place,
		 int (*remove)(const struct place *place, const char *name,
			       struct error *err))
{
	auto_dir DIR *dir = NULL;
	int fd = openat(place->own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	struct error ignored;

	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir)) != NULL)
		if (slice_starts(slice(entry->d_name), PLACE_TEMP_PREFIX) &&
		    is_abandoned(place, entry->d_name))
			remove(place, entry->d_name, &ignored);
}

int place_remove(const struct place *place, const char *name,
		 int (*remove)(const struct place *place, const char *name,
			       struct error *err),
		 struct error *err)
{
	char temp[PLACE_TEMP_MAX];

	place_temp(temp);
	if (renameat(place->own, name, place->own, temp) < 0)
		return errno == ENOENT ? 0
				       : fail(err, errno, "cannot rename it to '%s'", temp);
	if (remove(place, temp, err) == 0)
		return 0;
	/* What is left of it keeps its name, so that the user can try again. */
	renameat2(place->own, temp, place->own, name, RENAME_NOREPLACE);
	return -1;
}
