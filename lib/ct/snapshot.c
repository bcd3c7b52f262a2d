#include "ct/snapshot.h"

#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/process.h"
#include "config/snapshot.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/marked.h"
#include "ct/quiesce.h"
#include "ct/task.h"
#include "ct/unused.h"

#define MARK        "snapshot"
#define UNAVAILABLE "snapshot feature is not available"

void old_snapshot_done(struct old_snapshot *snapshot)
{
	config_free(snapshot->state);
	storages_done(&snapshot->storages);
}

void ct_load_storages(struct storages *out)
{
	auto_notes struct notes notes = { 0 };

	storages_load(out, &notes);
	warn_notes(&notes);
}

char *entry_storage_volume(const struct config *config, const char *key,
			   const char *refused, struct error *err)
{
	auto_free char *volume = entry_volume(key, config_get(config, key), err);

	if (!volume)
		return NULL;
	if (volume_kind(slice(volume)) == VOLUME_STORAGE)
		return take_ptr(&volume);
	fail(err, 0, "%s", refused);
	return NULL;
}

/* One snapshot in the making. */
struct shot {
	const struct snapshot_request *request;
	struct config *config; /* with the new section */
	struct storages storages;
	const char **keys; /* of the volumes, in their order */
	size_t done;       /* how many have been taken */
};

static void shot_done(struct shot *shot)
{
	free_ptr(&shot->keys);
	config_free(shot->config);
	storages_done(&shot->storages);
}

#define auto_shot __attribute__((cleanup(shot_done)))

static int check_volumes(const struct shot *shot, struct error *err)
{
	for (size_t i = 0; shot->keys[i]; i++) {
		auto_free char *volid =
			entry_storage_volume(shot->config, shot->keys[i], UNAVAILABLE, err);
		bool can = false;

		if (!volid || volume_has_feature(&shot->storages, slice(volid), NULL,
						 FEATURE_SNAPSHOT, &can, err) < 0)
			return -1;
		if (!can)
			return fail(err, 0, UNAVAILABLE);
	}
	return 0;
}

/* Everything that can be refused, then the section and the mark. */
static int prepare(struct shot *shot, struct error *err)
{
	const struct snapshot_request *request = shot->request;
	auto_notes struct notes notes = { 0 };
	auto_lock struct lock lock = { 0 };

	if (lock_config(request->vmid, 10, &lock, err) < 0 ||
	    ct_load(request->vmid, &shot->config, err) < 0)
		return -1;
	if (config_bool(shot->config, "template"))
		return fail(err, 0, "CT %u is a template: it cannot be snapshotted",
			    request->vmid);
	if (ct_check_lock(shot->config, NULL, err) < 0 ||
	    snapshot_add(shot->config, request->name, request->description, time(NULL),
			 &notes, err) < 0)
		return -1;
	shot->keys = config_volume_keys(shot->config);
	ct_load_storages(&shot->storages);
	if (check_volumes(shot, err) < 0)
		return -1;
	warn_notes(&notes);
	return mark_set(shot->config, MARK, err);
}

/* Mounted twice, under another key before. */
static bool is_taken(const struct shot *shot, const char *volid)
{
	for (size_t i = 0; i < shot->done; i++) {
		struct error ignored;
		auto_free char *other = entry_volume(
			shot->keys[i], config_get(shot->config, shot->keys[i]), &ignored);

		if (other && strcmp(other, volid) == 0)
			return true;
	}
	return false;
}

static int take_volumes(struct shot *shot, struct error *err)
{
	for (; shot->keys[shot->done]; shot->done++) {
		auto_free char *volid = entry_storage_volume(
			shot->config, shot->keys[shot->done], UNAVAILABLE, err);

		if (!volid || interrupt_check(err) < 0)
			return -1;
		if (is_taken(shot, volid) || volume_snapshot(&shot->storages, slice(volid),
							     shot->request->name, err) == 0)
			continue;
		/* It may be there: then it goes with the others. */
		shot->done += process_was_cut_off(err);
		return -1;
	}
	return 0;
}

static int take(struct shot *shot, struct error *err)
{
	auto_quiet struct quiet quiet = QUIET_INIT;

	if (quiet_begin(shot->request->vmid, &quiet, err) < 0 ||
	    take_volumes(shot, err) < 0)
		return -1;
	return quiet_end(&quiet, err);
}

static int commit(const struct shot *shot, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (mark_open(shot->request->vmid, MARK, &lock, &config, err) < 0)
		return -1;
	snapshot_commit(config, shot->request->name);
	config_unset(config, "lock");
	return config_save(config, err);
}

static int forget(const struct shot *shot, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (mark_open(shot->request->vmid, MARK, &lock, &config, err) < 0)
		return -1;
	snapshot_remove(config, shot->request->name);
	config_unset(config, "lock");
	return config_save(config, err);
}

/* The section goes last: while it is there, delsnapshot can finish what fails here. */
static int undo(struct shot *shot, struct error *err)
{
	for (; shot->done > 0; shot->done--) {
		auto_free char *volid = entry_storage_volume(
			shot->config, shot->keys[shot->done - 1], UNAVAILABLE, err);

		if (!volid || volume_snapshot_delete(&shot->storages, slice(volid),
						     shot->request->name, err) < 0)
			return -1;
	}
	return forget(shot, err);
}

int ct_check_snapshot_name(const char *name, struct error *err)
{
	if (strcmp(name, "current") == 0 || strcmp(name, "vzdump") == 0)
		return fail(err, 0, "unable to use snapshot name '%s' (reserved name)",
			    name);
	return 0;
}

int ct_snapshot(const struct snapshot_request *request, struct error *err)
{
	auto_shot struct shot shot = { .request = request };
	struct error undoing;

	if (prepare(&shot, err) < 0)
		return -1;
	task_announce("snapshot", "vzsnapshot", request->vmid);
	if (take(&shot, err) == 0 && commit(&shot, err) == 0)
		return 0;
	warn_plain("snapshot create failed: starting cleanup");
	if (undo(&shot, &undoing) < 0)
		warn_task("%s", undoing.text);
	return -1;
}
