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
#include "ct/snapshot.h"
#include "ct/task.h"
#include "ct/unused.h"

#define MARK "snapshot-delete"

/* force: a storage that fails is a warning. */
static int lock_out_migration(unsigned vmid, bool force, struct lock *lock,
			      struct error *err)
{
	if (force || migration_lock(vmid, lock, err) == 0)
		return 0;
	return fail(err, 0, "Failed to obtain guest migration lock - replication running?");
}

static int prepare(struct old_snapshot *removal, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	struct section *section;

	if (lock_config(removal->vmid, 10, &lock, err) < 0 ||
	    ct_load(removal->vmid, &config, err) < 0)
		return -1;
	if (config_bool(config, "template"))
		return fail(err, 0, "CT %u is a template: its snapshots stay",
			    removal->vmid);
	if (ct_check_lock(config, NULL, err) < 0 ||
	    snapshot_get(config, removal->name, &section, err) < 0)
		return -1;
	snapshot_mark(section, "delete");
	removal->state = snapshot_view(config, section);
	return mark_set(config, MARK, err);
}

/* The snapshot keeps its volume as unusedN: at the end it may become the container's. */
static void set_aside(struct section *section, const char *key, const char *volid)
{
	keyvals_unset(&section->keys, key);
	for (unsigned i = 0;; i++) {
		auto_free char *unused = xasprintf("unused%u", i);

		if (keyvals_get(&section->keys, unused))
			continue;
		keyvals_set(&section->keys, unused, volid);
		return;
	}
}

/* The volume's snapshot is gone: the file says so, too. */
static int note_gone(const struct old_snapshot *removal, const char *key, const char *volid,
		     struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	struct section *section;

	if (mark_open(removal->vmid, MARK, &lock, &config, err) < 0 ||
	    snapshot_get(config, removal->name, &section, err) < 0)
		return -1;
	set_aside(section, key, volid);
	return config_save(config, err);
}

static int remove_volume(const struct old_snapshot *removal, const char *key,
			 struct error *err)
{
	auto_free char *volid = entry_storage_volume(
		removal->state, key, "snapshot feature is not available", err);

	if (!volid || interrupt_check(err) < 0 ||
	    volume_snapshot_delete(&removal->storages, slice(volid), removal->name, err) <
		    0)
		return -1;
	return note_gone(removal, key, volid, err);
}

static int remove_volumes(const struct old_snapshot *removal, bool force, struct error *err)
{
	auto_free const char **keys = config_volume_keys(removal->state);

	for (size_t i = 0; keys[i]; i++) {
		if (remove_volume(removal, keys[i], err) == 0)
			continue;
		if (!force || interrupt_seen())
			return fail_in(err, "%s", keys[i]);
		warn_task("%s: %s", keys[i], err->text);
	}
	return 0;
}

/* Volumes that only the snapshot knew are the container's unused ones. */
static int keep_volumes(struct config *config, const struct section *section,
			struct error *err)
{
	const unsigned users =
		USED_BY_MOUNTS | USED_BY_UNUSED | USED_BY_PENDING | USED_BY_SNAPSHOTS;

	for (size_t i = 0; i < section->keys.count; i++) {
		const struct keyval *entry = &section->keys.at[i];
		auto_free char *volid = entry_volume(entry->key, entry->value, err);

		if (volid && !volume_is_used(config, volid, users) &&
		    unused_add(config, volid, err) < 0)
			return -1;
	}
	return 0;
}

static int finish(const struct old_snapshot *removal, struct error *err)
{
	auto_config struct config *state = NULL, *config = NULL;
	auto_lock struct lock lock = { 0 };
	struct section *section;

	if (mark_open(removal->vmid, MARK, &lock, &config, err) < 0 ||
	    snapshot_get(config, removal->name, &section, err) < 0)
		return -1;
	state = snapshot_view(config, section);
	snapshot_remove(config, removal->name);
	if (keep_volumes(config, &state->main, err) < 0)
		return -1;
	config_unset(config, "lock");
	return config_save(config, err);
}

int ct_delsnapshot(unsigned vmid, const char *name, bool force, struct error *err)
{
	auto_old_snapshot struct old_snapshot removal = { .vmid = vmid, .name = name };
	auto_lock struct lock migration = { 0 };

	if (lock_out_migration(vmid, force, &migration, err) < 0 ||
	    prepare(&removal, err) < 0)
		return -1;
	task_announce("delete snapshot", "vzdelsnapshot", vmid);
	ct_load_storages(&removal.storages);
	if (remove_volumes(&removal, force, err) < 0)
		return -1;
	return finish(&removal, err);
}
