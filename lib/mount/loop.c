#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/own.h"
#include "mount/mount.h"

#define TRIES 64

static bool is_on(int fd, uint32_t magic)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (uint32_t)fs.f_type == magic;
}

static bool is_on_cifs(int fd)
{
	return is_on(fd, CIFS_SUPER_MAGIC) || is_on(fd, SMB2_SUPER_MAGIC);
}

static bool refuses_direct_io(int fd)
{
	return is_on(fd, V9FS_MAGIC);
}

/*
 * On cifs a loop device does direct I/O only on a file that was opened for it, while the
 * server lets it cache the file; and without, what ext4 writes last stays in a cache behind
 * a closed file, and is lost.
 */
static int open_image(const char *image, bool ro, struct stat *st, struct error *err)
{
	int flags = (ro ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_close int fd = open(image, flags);

	if (fd >= 0 && is_on_cifs(fd)) {
		close(fd);
		fd = open(image, flags | O_DIRECT);
	}
	if (fd < 0)
		return fail(err, errno, "cannot open image '%s'", image);
	if (fstat(fd, st) < 0)
		return fail(err, errno, "cannot stat '%s'", image);
	if (!S_ISREG(st->st_mode))
		return fail(err, 0, "image '%s' is not a regular file", image);
	return take_fd(&fd);
}

static int open_device(const char *path, bool ro)
{
	return open(path, (ro ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY);
}

/* The device stays bound while it is open, so look at what was opened. */
static bool holds_image(int fd, const struct stat *st, struct loop_info64 *info)
{
	return ioctl(fd, LOOP_GET_STATUS64, info) == 0 && info->lo_inode == st->st_ino &&
	       info->lo_device == st->st_dev && info->lo_offset == 0 &&
	       info->lo_sizelimit == 0;
}

static bool is_bound_loop(const char *name)
{
	char attribute[300];

	if (strncmp(name, "loop", 4) != 0)
		return false;
	snprintf(attribute, sizeof(attribute), "/sys/block/%s/loop", name);
	return access(attribute, F_OK) == 0;
}

/*
 * A device that has the image already: a second one would be a second cache over the
 * same bytes. 1 found, 0 not.
 */
static int find_bound(const char *image, const struct stat *st, bool ro, char **path,
		      int *fd, struct error *err)
{
	auto_dir DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	struct loop_info64 info;

	while (dir && (entry = readdir(dir))) {
		auto_free char *device = NULL;
		auto_close int loop = -1;

		if (!is_bound_loop(entry->d_name))
			continue;
		device = xasprintf("/dev/%s", entry->d_name);
		loop = open_device(device, true);
		if (loop < 0 || !holds_image(loop, st, &info))
			continue;
		if ((info.lo_flags & LO_FLAGS_READ_ONLY) && !ro)
			return fail(err, EBUSY, "image '%s' is attached read-only as '%s'",
				    image, device);
		*path = take_ptr(&device);
		*fd = take_fd(&loop);
		return 1;
	}
	return 0;
}

static int open_control(struct error *err)
{
	int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return fail(err, 0,
			    "images need loop devices, and this kernel offers none: "
			    "no '/dev/loop-control' (module 'loop')");
	return fail(err, errno, "cannot open '/dev/loop-control'");
}

/*
 * 0 when it was bound; 1 when somebody else was faster. The size of a block is said, as for
 * direct I/O the kernel would take that of the disk or of blocks that files share, and
 * ext4 with smaller ones could not be mounted. Where 512 is too small for direct I/O it
 * does without.
 */
static int configure(int fd, int image_fd, const char *image, bool ro, struct error *err)
{
	struct loop_config config = {
		.fd = (uint32_t)image_fd,
		.block_size = 512,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (ro ? LO_FLAGS_READ_ONLY : 0) |
				 (refuses_direct_io(image_fd) ? 0 : LO_FLAGS_DIRECT_IO),
	};

	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", image);
	if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
		return 0;
	if (errno == EINVAL) { /* not a file for direct I/O */
		config.info.lo_flags &= ~(uint32_t)LO_FLAGS_DIRECT_IO;
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
			return 0;
	}
	if (errno == EBUSY)
		return 1;
	return fail(err, errno, "cannot attach image '%s' to a loop device", image);
}

static int bind_free(const char *image, int image_fd, bool ro, char **path, int *fd,
		     struct error *err)
{
	auto_close int control = open_control(err);

	for (int tries = 0; control >= 0 && tries < TRIES; tries++) {
		auto_free char *device = NULL;
		auto_close int loop = -1;
		int number = ioctl(control, LOOP_CTL_GET_FREE), status;

		if (number < 0)
			return fail(err, errno, "no free loop device for '%s'", image);
		device = xasprintf("/dev/loop%d", number);
		loop = open_device(device, ro);
		if (loop < 0)
			return fail(err, errno, "cannot open '%s'", device);
		status = configure(loop, image_fd, image, ro, err);
		if (status < 0)
			return -1;
		if (status == 0) {
			*path = take_ptr(&device);
			*fd = take_fd(&loop);
			return 0;
		}
	}
	return control < 0 ? -1 : fail(err, EBUSY, "no free loop device for '%s'", image);
}

int loop_find(const char *image, char **path, int *fd, struct error *err)
{
	struct stat st;
	auto_close int image_fd = open_image(image, true, &st, err);

	return image_fd < 0 ? -1 : find_bound(image, &st, true, path, fd, err);
}

int loop_attach(const char *image, bool ro, char **path, int *fd, struct error *err)
{
	struct stat st;
	auto_close int image_fd = open_image(image, ro, &st, err);
	int found;

	if (image_fd < 0)
		return -1;
	found = find_bound(image, &st, ro, path, fd, err);
	if (found)
		return found < 0 ? -1 : 0;
	return bind_free(image, image_fd, ro, path, fd, err);
}
