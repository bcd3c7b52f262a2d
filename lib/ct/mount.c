#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/volumes.h"
#include "lxc/command.h"

#define MARK   "mounted"
#define GONE_S 10

static int mount_volumes(void *arg, struct error *err)
{
	const struct config *config = arg;
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };
	int status;

	storages_load(&storages, NULL);
	status = volumes_mount_on_host(config, &storages, &notes, err);
	warn_notes(&notes);
	return status;
}

static int unmark(struct config *config, struct error *err)
{
	config_unset(config, "lock");
	return config_save(config, err);
}

int ct_mount(unsigned vmid, struct error *err)
{
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", vmid);
	auto_config struct config *config = NULL;
	auto_lock struct lock lock = { 0 };
	struct error unlocking;

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0 || ct_check_lock(config, NULL, err) < 0 ||
	    (!lxc_is_running(vmid) && ct_wait_gone(vmid, GONE_S, err) < 0))
		return -1;
	config_set(config, "lock", MARK);
	if (config_save(config, err) < 0)
		return -1;
	if (child_run(mount_volumes, config, err) < 0) {
		if (unmark(config, &unlocking) < 0)
			warn_plain("%s", unlocking.text);
		return fail_prefix(err, "mounting container failed: ");
	}
	printf("mounted CT %u in '%s'\n", vmid, root);
	return 0;
}

static int check_mark(const struct config *config, struct error *err)
{
	const char *found = config_get(config, "lock");

	if (!found)
		return fail(err, 0, "no lock found trying to remove '" MARK "' lock");
	if (strcmp(found, MARK) != 0)
		return fail(err, 0, "found lock '%s' trying to remove '" MARK "' lock",
			    found);
	return 0;
}

int ct_unmount(unsigned vmid, struct error *err)
{
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", vmid);
	auto_config struct config *config = NULL;
	auto_lock struct lock lock = { 0 };

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0 || check_mark(config, err) < 0 ||
	    mount_detach(root, err) < 0)
		return -1;
	if (!lxc_is_running(vmid))
		volumes_deactivate(config);
	return unmark(config, err);
}
