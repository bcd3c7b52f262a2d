#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/stop.h"
#include "ct/unused.h"
#include "lxc/cgroup.h"
#include "lxc/command.h"
#include "lxc/host.h"
#include "storage/volume.h"

/* Volume ids already freed: one volume may stand under several keys. */
struct freed {
	char **at;
	size_t count;
};

static void freed_done(struct freed *freed)
{
	for (size_t i = 0; i < freed->count; i++)
		free(freed->at[i]);
	free(freed->at);
}

static bool freed_before(struct freed *freed, const char *volid)
{
	for (size_t i = 0; i < freed->count; i++)
		if (strcmp(freed->at[i], volid) == 0)
			return true;
	freed->at = xreallocarray(freed->at, freed->count + 1, sizeof(*freed->at));
	freed->at[freed->count++] = xstrdup(volid);
	return false;
}

/* Free a volume of this container; another owner's stays, with a warning. */
static int free_owned(unsigned vmid, const char *volid, const struct storages *storages,
		      struct freed *freed, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	const struct storage *st;
	auto_free char *path = NULL;
	struct volume volume;
	int status;

	if (volume_kind(slice(volid)) != VOLUME_STORAGE || freed_before(freed, volid))
		return 0;
	if (volume_resolve(storages, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	if (volume.vmid != vmid) {
		warn_plain("ignore deletion of '%s', CT %u isn't the owner!", volid, vmid);
		return 0;
	}
	status = volume_free(storages, slice(volid), &notes, err);
	warn_notes(&notes);
	return status;
}

static int free_section(unsigned vmid, const struct keyvals *keys,
			const struct storages *storages, struct freed *freed,
			struct error *err)
{
	for (size_t i = 0; i < keys->count; i++) {
		auto_free char *volid =
			entry_volume(keys->at[i].key, keys->at[i].value, err);

		if (!volid && err->text[0])
			warn_plain("%s: the volume is not removed", err->text);
		if (volid && free_owned(vmid, volid, storages, freed, err) < 0)
			return -1;
	}
	return 0;
}

static int free_unreferenced(unsigned vmid, const struct storages *storages,
			     struct freed *freed)
{
	for (size_t i = 0; i < storages->count; i++) {
		const struct storage *st = &storages->at[i];
		auto_volume_list struct volume_list list = { 0 };
		struct error err;

		if (!st->type || st->disabled || !(st->content & CONTENT_ROOTDIR))
			continue;
		if (storage_list(st, CONTENT_IMAGES | CONTENT_ROOTDIR, vmid, &list, &err) <
		    0)
			warn_plain("%s", err.text);
		for (size_t k = 0; k < list.count; k++)
			if (list.at[k].vmid == vmid &&
			    free_owned(vmid, list.at[k].volid, storages, freed, &err) < 0)
				warn_plain("%s", err.text);
	}
	return 0;
}

static int free_volumes(const struct config *config, unsigned flags, struct error *err)
{
	__attribute__((cleanup(freed_done))) struct freed freed = { 0 };
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };

	storages_load(&storages, &notes);
	warn_notes(&notes);
	if (free_section(config->vmid, &config->main.keys, &storages, &freed, err) < 0 ||
	    free_section(config->vmid, &config->pending.keys, &storages, &freed, err) < 0)
		return -1;
	for (size_t i = 0; i < config->snapshot_count; i++)
		if (free_section(config->vmid, &config->snapshots[i].keys, &storages,
				 &freed, err) < 0)
			return -1;
	if (flags & CT_DESTROY_UNREFERENCED)
		return free_unreferenced(config->vmid, &storages, &freed);
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
	if (cgroup_clean(vmid, err) < 0 || free_volumes(config, flags, err) < 0 ||
	    lxc_config_remove(vmid, err) < 0 || leave_stub(vmid, err) < 0 ||
	    remove_file(firewall, err) < 0)
		return -1;
	remove_run_files(vmid);
	return config_remove(vmid, err);
}
