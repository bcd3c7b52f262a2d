#include "ct/handover.h"

#include <stdio.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/changehost.h"
#include "ct/guard.h"
#include "ct/marked.h"
#include "ct/moveplan.h"
#include "ct/pending.h"
#include "ct/settle.h"
#include "ct/snapshot.h"
#include "ct/task.h"
#include "ct/unused.h"
#include "ct/volumes.h"
#include "lxc/command.h"
#include "storage/volume.h"

#define MARK   "disk"
#define LOCK_S 10

struct handing {
	const struct move_request *request;
	struct lock locks[2];
	struct config *source, *target;
	struct storages storages;
	char *old, *made; /* volume ids; made is NULL until the new one is known */
	bool is_renamed;  /* by a try that was killed */
};

static void handing_done(struct handing *work)
{
	config_free(work->source);
	config_free(work->target);
	storages_done(&work->storages);
	free_ptr(&work->old);
	free_ptr(&work->made);
	for (size_t i = 0; i < 2; i++)
		lock_free(&work->locks[i]);
}

/* Both config locks, in an order that is everybody's. */
static int take_locks(struct handing *work, struct error *err)
{
	unsigned one = work->request->vmid, other = work->request->target_vmid;
	bool first = one < other;

	if (lock_config(first ? one : other, LOCK_S, &work->locks[0], err) < 0)
		return -1;
	return lock_config(first ? other : one, LOCK_S, &work->locks[1], err);
}

static int load(struct handing *work, struct error *err)
{
	const struct move_request *request = work->request;

	if (take_locks(work, err) < 0 ||
	    ct_load_digest(request->vmid, request->digest, &work->source, err) < 0 ||
	    ct_load_digest(request->target_vmid, request->target_digest, &work->target,
			   err) < 0 ||
	    ct_check_lock(work->source, NULL, err) < 0)
		return -1;
	ct_load_storages(&work->storages);
	return ct_check_lock(work->target, NULL, err);
}

static bool is_there(const struct handing *work, const char *volid)
{
	enum volume_format format;
	struct error ignored;
	uint64_t bytes;

	return volume_size(&work->storages, slice(volid), &bytes, &format, &ignored) == 0;
}

/* A volume of the target that both files name: only a hand-over leaves that. */
static bool is_made(const struct handing *work, const char *volid)
{
	const unsigned any = USED_BY_MOUNTS | USED_BY_UNUSED | USED_BY_PENDING;
	struct error ignored;

	return volume_is_used(work->target, volid, any) &&
	       volume_check_owner(&work->storages, volid, work->target->vmid, &ignored) ==
		       0 &&
	       is_there(work, volid);
}

/* The new name of a volume that a killed try has renamed. */
static int find_made(struct handing *work, struct error *err)
{
	const struct keyvals *keys = &work->source->main.keys;

	for (size_t i = 0; i < keys->count; i++) {
		struct error ignored;
		auto_free char *volid = NULL;

		if (!slice_starts(slice(keys->at[i].key), "unused"))
			continue;
		volid = entry_volume(keys->at[i].key, keys->at[i].value, &ignored);
		if (!volid || !is_made(work, volid))
			continue;
		if (work->made)
			return fail(err, 0, "it may be '%s' or '%s' now", work->made,
				    volid);
		work->made = take_ptr(&volid);
	}
	work->is_renamed = work->made != NULL;
	return 0;
}

static int find_interrupted(struct handing *work, struct error *err)
{
	const char *key = work->request->key;
	const char *value = config_get(work->source, key);
	auto_free char *volid = value ? entry_volume(key, value, err) : NULL;

	return !volid || is_there(work, volid) ? 0 : find_made(work, err);
}

static int check_stopped(const struct handing *work, struct error *err)
{
	const struct move_request *request = work->request;

	if (slice_starts(slice(request->key), "unused"))
		return 0;
	if (lxc_is_running(request->vmid))
		return fail(err, 0, "CT %u is running: only unused volumes can leave it",
			    request->vmid);
	return ct_wait_gone(request->vmid, 10, err);
}

/* The changes of the target, for a volume id. */
static int make_changes(const struct handing *work, const char *volid, struct keyvals *set,
			struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (move_target_value(work->source, work->request, volid, &value, err) < 0)
		return -1;
	keyvals_set(set, move_target_key(work->request), value.at);
	return 0;
}

static int queue(struct config *config, const struct keyvals *set, struct change_host *host,
		 struct error *err)
{
	const struct changes changes = { .set = set };
	const struct update_host update = change_host_update(host);
	auto_notes struct notes notes = { 0 };
	int status = update_queue(config, &changes, &update, &notes, err);

	warn_task_notes(&notes);
	return status;
}

/* Whether the target takes such an entry, tried on a copy with the volume's old name. */
static int check_entry(const struct handing *work, struct error *err)
{
	auto_change_host struct change_host host = { 0 };
	auto_config struct config *trial = config_copy(work->target);
	auto_keyvals struct keyvals set = { 0 };

	change_host_init(&host, trial);
	return make_changes(work, work->old, &set, err) < 0
		       ? -1
		       : queue(trial, &set, &host, err);
}

static int check_volume(const struct handing *work, struct error *err)
{
	bool can = false;

	if (volume_check_owner(&work->storages, work->old, work->source->vmid, err) < 0 ||
	    volume_has_feature(&work->storages, slice(work->old), NULL, FEATURE_RENAME,
			       &can, err) < 0)
		return -1;
	if (!can)
		return fail(err, 0, "Rename feature is not available for '%s'", work->old);
	return unused_room(work->source, err) < 0 ? -1 : unused_room(work->target, err);
}

static int refuse(struct handing *work, struct error *err)
{
	if (find_interrupted(work, err) < 0)
		return fail_in(err, "%s", work->request->key);
	if (move_handed(work->source, work->target, work->request, work->made, &work->old,
			err) < 0 ||
	    (!work->is_renamed && check_volume(work, err) < 0) ||
	    (!work->is_renamed && check_entry(work, err) < 0))
		return -1;
	return check_stopped(work, err);
}

static int mark(struct config *config, const char *volid, struct error *err)
{
	return unused_add(config, volid, err) < 0 ? -1 : mark_set(config, MARK, err);
}

static int write_down(void *arg, const char *volid, struct error *err)
{
	struct handing *work = arg;

	work->made = xstrdup(volid);
	return mark(work->source, volid, err) < 0 ? -1 : mark(work->target, volid, err);
}

static void put_back(const struct config *before)
{
	struct error err;

	if (config_save(before, &err) < 0)
		warn_task("%s", err.text);
}

static int rename_volume(struct handing *work, struct error *err)
{
	auto_config struct config *source = config_copy(work->source);
	auto_config struct config *target = config_copy(work->target);
	const struct volume_claim claim = { write_down, work };
	auto_free char *renamed = NULL;

	if (volume_rename(&work->storages, slice(work->old), work->request->target_vmid,
			  &claim, &renamed, err) == 0)
		return 0;
	/* A backend may fail behind the change of the name: then the marks stay. */
	if (work->made && !is_there(work, work->made)) {
		put_back(source);
		put_back(target);
	}
	return -1;
}

/* What a running target cannot take now waits for its next start. */
static void apply(struct handing *work, const struct keyvals *set, struct change_host *host)
{
	const struct apply_host apply = change_host_apply(host);
	auto_problems struct problems problems = { 0 };
	unsigned vmid = work->request->target_vmid;

	if (lxc_is_running(vmid))
		apply_running(work->target, set, &apply, &problems);
	else if (!ct_has_monitor(vmid))
		apply_stopped(work->target, set, &apply, &problems);
	for (size_t i = 0; i < problems.count; i++)
		warn_task("%s", problems.at[i].text);
}

static int give(struct handing *work, struct error *err)
{
	auto_change_host struct change_host host = { 0 };
	auto_keyvals struct keyvals set = { 0 };
	const char *key = move_target_key(work->request);

	if (make_changes(work, work->made, &set, err) < 0)
		return -1;
	if (slice_starts(slice(key), "unused")) {
		unused_drop(work->target, work->made);
		config_set(work->target, key, work->made);
		return 0;
	}
	change_host_init(&host, work->target);
	if (queue(work->target, &set, &host, err) < 0)
		return -1;
	apply(work, &set, &host);
	unused_drop(work->target, work->made);
	return 0;
}

static int give_and_save(struct handing *work, struct error *err)
{
	if (!config_get(work->target, move_target_key(work->request)) &&
	    give(work, err) < 0)
		return -1;
	config_unset(work->target, "lock");
	return config_save(work->target, err);
}

static int forget(struct handing *work, struct error *err)
{
	config_unset(work->source, work->request->key);
	pending_drop_delete(work->source, work->request->key);
	unused_drop(work->source, work->made);
	config_unset(work->source, "lock");
	return config_save(work->source, err);
}

/* The target first: as long as the source has its entry the same command can go on. */
static int hand_over(struct handing *work, struct error *err)
{
	const struct move_request *request = work->request;

	printf("moving volume '%s' from container '%u' to '%u'\n", request->key,
	       request->vmid, request->target_vmid);
	if ((!work->is_renamed && rename_volume(work, err) < 0) ||
	    give_and_save(work, err) < 0 || forget(work, err) < 0)
		return -1;
	printf("removing volume '%s' from container '%u' config\n", request->key,
	       request->vmid);
	printf("target container '%u' updated with '%s'\n", request->target_vmid,
	       move_target_key(request));
	ct_regenerate(work->target);
	return 0;
}

int volume_hand_over(const struct move_request *request, struct error *err)
{
	__attribute__((cleanup(handing_done))) struct handing work = { .request = request };

	if (load(&work, err) < 0 || refuse(&work, err) < 0)
		return -1;
	task_announce("move_volume", "move_volume", request->vmid);
	return hand_over(&work, err);
}
