#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/owned.h"
#include "ct/stop.h"
#include "lxc/cgroup.h"
#include "lxc/command.h"
#include "lxc/host.h"
#include "net/dhcp.h"

static bool is_listed(char *const *volids, const char *volid)
{
	for (size_t i = 0; volids[i]; i++)
		if (strcmp(volids[i], volid) == 0)
			return true;
	return false;
}

/* What no entry of the container's file names; freed has what one did. */
static void free_unreferenced(unsigned vmid, const struct storages *storages,
			      char *const *freed)
{
	for (size_t i = 0; i < storages->count; i++) {
		const struct storage *st = &storages->at[i];
		auto_volume_list struct volume_list list = { 0 };
		struct error err;

		if (!st->type || st->disabled || !(st->content & CONTENT_ROOTDIR))
			continue;
		if (storage_use(storages, slice(st->id), 0, &st, &err) < 0 ||
		    storage_list(st, CONTENT_IMAGES | CONTENT_ROOTDIR, vmid, &list, &err) <
			    0)
			warn_plain("%s", err.text);
		for (size_t k = 0; k < list.count; k++)
			if (list.at[k].vmid == vmid &&
			    !is_listed(freed, list.at[k].volid) &&
			    owned_free(vmid, list.at[k].volid, storages, &err) < 0)
				warn_plain("%s", err.text);
	}
}

static int free_volumes(const struct config *config, unsigned flags, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_words char **volids = owned_volumes(config, &notes);

	storages_load(&storages, &notes);
	warn_notes(&notes);
	for (size_t i = 0; volids[i]; i++)
		if (owned_free(config->vmid, volids[i], &storages, err) < 0)
			return -1;
	if (flags & CT_DESTROY_UNREFERENCED)
		free_unreferenced(config->vmid, &storages, volids);
	return 0;
}

/*
 * The locks "create" and "destroyed" are left over here: whoever set them held the
 * config lock that we have now until the end of its work.
 */
static int refuse(const struct config *config, unsigned flags, struct error *err)
{
	unsigned vmid = config->vmid;

	if (config_bool(config, "protection"))
		return fail(err, 0, "can't remove CT %u - protection mode enabled", vmid);
	if (ct_check_lock(config, "create destroyed", err) < 0)
		return -1;
	if (!ct_has_monitor(vmid) && !lxc_is_running(vmid))
		return 0;
	if (!(flags & CT_FORCE) && lxc_is_running(vmid))
		return fail(err, 0, "unable to destroy CT %u - container is running", vmid);
	if (flags & CT_FORCE) {
		warn_task("forced to stop CT %u before destroying!", vmid);
		return stop_hard(config, err);
	}
	return ct_wait_gone(vmid, 10, err);
}

/* From here on only this stub is left, which a second destroy finishes. */
static int leave_stub(unsigned vmid, struct error *err)
{
	auto_config struct config *stub = config_new(vmid);

	config_set(stub, "lock", "destroyed");
	return config_save(stub, err);
}

static void remove_run_files(unsigned vmid)
{
	static const char *const what[] = { "stderr",   "warnings", "error",
					    "shutdown", "keys",     "pid" };
	struct error err;

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		auto_free char *path = path_in(PATH_RUN, "ct-%u.%s", vmid, what[i]);

		if (tree_remove(AT_FDCWD, path, &err) < 0)
			warn_plain("%s", err.text);
	}
}

int ct_destroy(unsigned vmid, unsigned flags, struct error *err)
{
	auto_free char *firewall = path_in(PATH_FIREWALL, "%u.fw", vmid);
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lock_config(vmid, 10, &lock, err) < 0 || ct_load(vmid, &config, err) < 0 ||
	    refuse(config, flags, err) < 0)
		return -1;
	if (flags & CT_PURGE)
		printf("purging CT %u from related configurations..\n", vmid);
	if (dhcp_kill(vmid, err) < 0 || cgroup_clean(vmid, err) < 0 ||
	    free_volumes(config, flags, err) < 0 || lxc_config_remove(vmid, err) < 0 ||
	    leave_stub(vmid, err) < 0 || remove_file(firewall, err) < 0)
		return -1;
	remove_run_files(vmid);
	return config_remove(vmid, err);
}
