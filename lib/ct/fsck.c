#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/process.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "lxc/command.h"
#include "storage/volume.h"

#define GONE_S 10

/* Its output is ours; every status but 0 is a failure, a repair too. */
static int run_fsck(const char *path, bool force, struct error *err)
{
	const char *argv[6] = { "fsck", "-a", "-l" };
	size_t count = 3;

	if (force)
		argv[count++] = "-f";
	argv[count] = path;
	return process_run(&(struct process){ .argv = argv, .stderr_fd = STDERR_FILENO },
			   err);
}

static int check_device(const char *path, bool force, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return fail(err, 0, "path '%s' does not point to a block device", path);
	return run_fsck(path, force, err);
}

static int check_volume(const char *volid, bool force, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_volume_source struct volume_source source = { 0 };
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;
	struct error leaving;
	int status;

	storages_load(&storages, NULL);
	if (volume_resolve(&storages, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	if (volume.format != FORMAT_RAW)
		return fail(err, 0, "unable to run fsck for '%s' (format == %s)", volid,
			    volume.format_name);
	if (volume_activate(&storages, slice(volid), NULL, &source, err) < 0)
		return -1;
	status = access(source.path, F_OK) < 0
			 ? fail(err, 0, "volume '%s' does not exist", volid)
			 : run_fsck(source.path, force, err);
	if (volume_deactivate(&storages, slice(volid), NULL, &leaving) < 0)
		warn_plain("%s", leaving.text);
	return status;
}

int ct_fsck(unsigned vmid, const char *key, bool force, struct error *err)
{
	auto_config struct config *config = NULL;
	auto_mountpoint struct mountpoint mp = { 0 };
	auto_lock struct lock lock = { 0 };

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0)
		return -1;
	if (!config_get(config, key))
		return fail(err, 0, "cannot run command on non-existing mount point %s",
			    key);
	if (lxc_is_running(vmid))
		return fail(err, 0, "cannot run fsck when container is running");
	if (config_mountpoint(config, key, &mp, err) < 0)
		return fail_in(err, "%s", key);
	if (ct_wait_gone(vmid, GONE_S, err) < 0)
		return -1;
	return volume_kind(slice(mp.volume)) == VOLUME_STORAGE
		       ? check_volume(mp.volume, force, err)
		       : check_device(mp.volume, force, err);
}
