#include "ct/quiesce.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "ct/guard.h"
#include "ct/monitor.h"
#include "lxc/command.h"
#include "lxc/freeze.h"

#define GONE_S    10
#define FREEZE_S  30
#define SYNC_S    30
#define MOUNT_MAX 8192 /* bytes of a line of /proc/PID/mounts */

/*
 * File systems without data on a disk. The server of a FUSE file system may be one of
 * the frozen processes: it would never answer.
 */
static const char *const not_on_disk[] = {
	"autofs",   "binfmt_misc", "cgroup",  "cgroup2", "debugfs", "devpts",
	"devtmpfs", "fusectl",     "mqueue",  "proc",    "ramfs",   "securityfs",
	"sysfs",    "tmpfs",       "tracefs", NULL,
};

static bool is_on_disk(const char *fstype)
{
	for (const char *const *type = not_on_disk; *type; type++)
		if (strcmp(*type, fstype) == 0)
			return false;
	return strcmp(fstype, "fuse") != 0 && strncmp(fstype, "fuse.", 5) != 0;
}

/* What is on top of the place is synced: a mount that is covered has been synced by its
 * own line, if it can be reached at all. */
static int sync_mount(int rootfd, const struct mntent *mount, struct error *err)
{
	auto_close int fd = open_in_root(rootfd, mount->mnt_dir,
					 O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, err);

	if (fd < 0) /* a file was mounted, or the guest has moved the place away */
		return err->code == ENOTDIR || err->code == ENOENT ? 0 : -1;
	if (syncfs(fd) < 0)
		return fail(err, errno, "cannot sync '%s' inside the container",
			    mount->mnt_dir);
	return 0;
}

static int sync_mounts(int rootfd, FILE *mounts, struct error *err)
{
	char line[MOUNT_MAX];
	struct mntent mount;

	while (getmntent_r(mounts, &mount, line, sizeof(line)))
		if (is_on_disk(mount.mnt_type) && sync_mount(rootfd, &mount, err) < 0)
			return -1;
	return 0;
}

/* In a child with a deadline: the guest may have mounted what does not answer. */
static int sync_inside(void *arg, struct error *err)
{
	const unsigned *vmid = arg;
	auto_close int init = -1, root = -1, fd = -1;
	auto_file FILE *mounts = NULL;

	alarm(SYNC_S);
	init = guest_init_open(*vmid, "", err);
	if (init < 0)
		return -1;
	root = openat(init, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(init, "mounts", O_RDONLY | O_CLOEXEC);
	mounts = fd < 0 ? NULL : fdopen(fd, "r");
	if (root < 0 || !mounts)
		return fail(err, errno, "cannot see the mounts of CT %u", *vmid);
	take_fd(&fd);
	return sync_mounts(root, mounts, err);
}

/* By the guardian: there is nobody left who could be told of a failure. */
static void thaw(void *arg)
{
	struct quiet *quiet = arg;
	struct error ignored;

	lxc_thaw(quiet->vmid, &ignored);
}

int quiet_begin(unsigned vmid, struct quiet *quiet, struct error *err)
{
	if (!lxc_is_running(vmid))
		return ct_wait_gone(vmid, GONE_S, err);
	quiet->vmid = vmid;
	if (guardian_start(thaw, quiet, &quiet->guardian, err) < 0 ||
	    lxc_freeze(vmid, FREEZE_S, err) < 0)
		return -1;
	if (child_run(sync_inside, &vmid, err) < 0)
		return fail_prefix(err, "cannot sync the container's file systems: ");
	return 0;
}

int quiet_end(struct quiet *quiet, struct error *err)
{
	int status = quiet->vmid ? lxc_thaw(quiet->vmid, err) : 0;

	if (status == 0)
		guardian_release(&quiet->guardian);
	close_fd(&quiet->guardian.fd);
	quiet->vmid = 0;
	return status;
}

void quiet_done(struct quiet *quiet)
{
	struct error err;

	if (quiet_end(quiet, &err) < 0)
		warn_task("%s", err.text);
}
