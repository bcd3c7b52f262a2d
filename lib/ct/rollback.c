#include <string.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/snapshot.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/marked.h"
#include "ct/mmp.h"
#include "ct/snapshot.h"
#include "ct/stop.h"
#include "ct/task.h"
#include "ct/unused.h"
#include "lxc/command.h"

#define MARK        "rollback"
#define UNAVAILABLE "snapshot feature is not available"

static int fail_newer(const char *volid, const struct notes *newer, struct error *err)
{
	auto_strbuf struct strbuf names = STRBUF_INIT;

	for (size_t i = 0; i < newer->count; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", newer->text[i]);
	return names.len ? fail_prefix(err, "volume '%s' has newer snapshots (%s): ", volid,
				       names.at)
			 : -1;
}

static int check_volumes(const struct old_snapshot *rollback, struct error *err)
{
	auto_free const char **keys = config_volume_keys(rollback->state);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_storage_volume(rollback->state, keys[i], UNAVAILABLE, err);
		auto_notes struct notes newer = { 0 };

		if (!volid)
			return -1;
		if (volume_can_roll_back(&rollback->storages, slice(volid), rollback->name,
					 &newer, err) < 0)
			return fail_newer(volid, &newer, err);
	}
	return 0;
}

static int refuse(const struct old_snapshot *rollback, const struct config *config,
		  struct section **section, struct error *err)
{
	if (config_bool(config, "template"))
		return fail(err, 0, "CT %u is a template: it cannot be rolled back",
			    rollback->vmid);
	if (snapshot_get(config, rollback->name, section, err) < 0)
		return -1;
	if ((*section)->snapstate)
		return fail(err, 0,
			    "unable to rollback to incomplete snapshot (snapstate = %s)",
			    (*section)->snapstate);
	return ct_check_lock(config, NULL, err);
}

/* Nothing mounts the volumes any more. */
static int stop(const struct config *config, struct error *err)
{
	if (lxc_is_running(config->vmid))
		return stop_hard(config, err);
	return ct_wait_gone(config->vmid, 60, err);
}

static int prepare(struct old_snapshot *rollback, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	struct section *section;

	if (lock_config(rollback->vmid, 10, &lock, err) < 0 ||
	    ct_load(rollback->vmid, &config, err) < 0 ||
	    refuse(rollback, config, &section, err) < 0)
		return -1;
	rollback->state = snapshot_view(config, section);
	ct_load_storages(&rollback->storages);
	if (check_volumes(rollback, err) < 0 || stop(config, err) < 0)
		return -1;
	return mark_set(config, MARK, err);
}

static int roll_back_volumes(const struct old_snapshot *rollback, struct error *err)
{
	auto_free const char **keys = config_volume_keys(rollback->state);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_storage_volume(rollback->state, keys[i], UNAVAILABLE, err);

		if (!volid || interrupt_check(err) < 0 ||
		    volume_roll_back(&rollback->storages, slice(volid), rollback->name,
				     err) < 0)
			return fail_in(err, "%s", keys[i]);
		mmp_clear(&rollback->storages, volid);
	}
	return 0;
}

/* What the snapshot does not know is not lost: it is unused. */
static int keep_volumes(struct config *config, const struct config *before,
			struct error *err)
{
	auto_free const char **keys = config_volume_keys(before);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_volume(keys[i], config_get(before, keys[i]), err);

		if (volid && unused_add(config, volid, err) < 0)
			return -1;
	}
	return 0;
}

static int finish(const struct old_snapshot *rollback, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL, *before = NULL;
	struct section *section;

	if (mark_open(rollback->vmid, MARK, &lock, &config, err) < 0 ||
	    snapshot_get(config, rollback->name, &section, err) < 0)
		return -1;
	before = config_copy(config);
	snapshot_restore(config, rollback->name);
	if (keep_volumes(config, before, err) < 0)
		return -1;
	return config_save(config, err);
}

int ct_rollback(unsigned vmid, const char *name, bool start, struct error *err)
{
	auto_old_snapshot struct old_snapshot rollback = { .vmid = vmid, .name = name };
	auto_lock struct lock migration = { 0 };

	if (migration_lock(vmid, &migration, err) < 0 || prepare(&rollback, err) < 0)
		return -1;
	task_announce("rollback snapshot", "vzrollback", vmid);
	if (roll_back_volumes(&rollback, err) < 0 || finish(&rollback, err) < 0)
		return -1;
	return start ? ct_start(vmid, 0, err) : 0;
}
