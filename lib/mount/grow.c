#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/process.h"
#include "mount/fs.h"
#include "mount/stage.h"

static int open_loop(const char *image, char **device, int *fd, struct error *err)
{
	int found = loop_find(image, device, fd, err);

	if (found == 0)
		return fail(err, 0,
			    "internal error: CT running but mount point not attached to a "
			    "loop device");
	if (found > 0 && ioctl(*fd, LOOP_SET_CAPACITY) < 0)
		return fail(err, errno, "cannot refresh the size of '%s'", *device);
	return found < 0 ? -1 : 0;
}

static int open_source(const char *source, bool is_device, char **device, int *fd,
		       struct error *err)
{
	if (!is_device)
		return open_loop(source, device, fd, err);
	*device = xstrdup(source);
	*fd = open(source, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? 0 : fail(err, errno, "cannot open device '%s'", source);
}

/* resize2fs grows a mounted file system only where it can see the mount. */
static int show_mount(const char *device, int fd, struct error *err)
{
	auto_free char *dir = stage_dir();
	auto_close int mounted = fs_mount(device, fd, false, NULL, err);
	auto_close int dirfd = -1;

	if (mounted < 0 || make_dir(dir, 0755, err) < 0)
		return -1;
	dirfd = open_dir(dir, err);
	return dirfd < 0 ? -1 : stage_attach(mounted, dirfd, err);
}

int mount_grow(const char *source, bool is_device, struct error *err)
{
	auto_free char *device = NULL;
	auto_close int fd = -1;

	if (mount_private(err) < 0 ||
	    open_source(source, is_device, &device, &fd, err) < 0 ||
	    show_mount(device, fd, err) < 0)
		return -1;
	const char *const argv[] = { "resize2fs", device, NULL };
	return process_run(&(struct process){ .argv = argv }, err);
}
