#include <stdio.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/allocate.h"
#include "ct/bwlimit.h"
#include "ct/copy.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/handover.h"
#include "ct/marked.h"
#include "ct/moveplan.h"
#include "ct/snapshot.h"
#include "ct/task.h"
#include "ct/unused.h"
#include "ct/volumes.h"
#include "lxc/command.h"

#define MARK   "disk"
#define LOCK_S 10

/*
 * A volume on its way to another storage. At every moment the file names all there is: the
 * key has the old volume until the copy is complete and on the disk, then the new one; the
 * other of them is an unusedN.
 */
struct moving {
	const struct move_request *request;
	struct storages storages;
	const struct storage *target;
	struct idmap map;
	char *old, *made; /* volume ids; made is NULL until the new one has a name */
	uint64_t bytes, limit_kib;
	bool is_template;
};

static void moving_done(struct moving *work)
{
	free_ptr(&work->old);
	free_ptr(&work->made);
	storages_done(&work->storages);
}

int ct_move_check(const struct move_request *request, struct error *err)
{
	auto_problems struct problems problems = { 0 };

	move_check(request, &problems);
	if (problems.count)
		return fail_problems(&problems, err);
	if (request->target_vmid && ct_must_exist(request->target_vmid, err) < 0)
		return -1;
	return ct_must_exist(request->vmid, err);
}

/* ---- before anything changes ---- */

static int check_stopped(unsigned vmid, struct error *err)
{
	if (lxc_is_running(vmid))
		return fail(err, 0,
			    "CT %u is running: its volumes cannot be moved to a storage",
			    vmid);
	return ct_wait_gone(vmid, 10, err);
}

static int refuse(struct moving *work, const struct config *config, struct error *err)
{
	const struct move_request *request = work->request;

	if (ct_check_lock(config, NULL, err) < 0 ||
	    move_source(config, request, &work->old, err) < 0 ||
	    volume_check_owner(&work->storages, work->old, request->vmid, err) < 0 ||
	    storage_use(&work->storages, slice(request->storage), CONTENT_ROOTDIR,
			&work->target, err) < 0 ||
	    bwlimit_of_copy(&work->storages, request->bwlimit, "move", work->old,
			    work->target, &work->limit_kib, err) < 0 ||
	    unused_room(config, err) < 0)
		return -1;
	return check_stopped(request->vmid, err);
}

static int prepare(struct moving *work, struct error *err)
{
	const struct move_request *request = work->request;
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lock_config(request->vmid, LOCK_S, &lock, err) < 0 ||
	    ct_load_digest(request->vmid, request->digest, &config, err) < 0)
		return -1;
	ct_load_storages(&work->storages);
	if (refuse(work, config, err) < 0 || config_idmap(config, &work->map, err) < 0)
		return -1;
	work->is_template = config_bool(config, "template");
	return mark_set(config, MARK, err);
}

/* ---- the copy ---- */

/* The new volume and the file that is to name it, as its config lock is held. */
struct naming {
	struct moving *work;
	struct config *config;
};

static int write_down(void *arg, const char *volid, struct error *err)
{
	struct naming *naming = arg;

	if (unused_add(naming->config, volid, err) < 0 ||
	    config_save(naming->config, err) < 0)
		return -1;
	free_ptr(&naming->work->made);
	naming->work->made = xstrdup(volid);
	return 0;
}

static int make_target(struct moving *work, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	struct naming naming = { .work = work };
	bool made = false;

	if (mark_open(work->request->vmid, MARK, &lock, &config, err) < 0)
		return -1;
	naming.config = config;
	return volume_make_like(&work->storages, work->old,
				&(struct volume_order){ .vmid = work->request->vmid,
							.storage = work->target->id,
							.map = &work->map,
							.write_down = write_down,
							.arg = &naming },
				&work->bytes, &made, err);
}

static int copy(struct moving *work, struct error *err)
{
	printf("create full clone of mountpoint %s (%s)\n", work->request->key, work->old);
	fflush(stdout);
	return volume_copy(&work->storages,
			   &(struct volume_copy){ .source = work->old,
						  .target = work->made,
						  .vmid = work->request->vmid,
						  .limit_kib = work->limit_kib,
						  .sync = true },
			   err);
}

/* The volume of a template becomes a base volume, which linked clones can share. */
static int convert(struct moving *work, struct config *config, struct error *err)
{
	struct naming naming = { .work = work, .config = config };
	const struct volume_claim claim = { write_down, &naming };
	auto_free char *copied = xstrdup(work->made), *base = NULL;
	auto_notes struct notes notes = { 0 };

	if (volume_make_base(&work->storages, slice(copied), &claim, &base, &notes, err) <
	    0) {
		free_ptr(&work->made);
		work->made = take_ptr(&copied);
		return -1;
	}
	warn_task_notes(&notes);
	unused_drop(config, copied);
	return 0;
}

static int switch_over(struct moving *work, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (mark_open(work->request->vmid, MARK, &lock, &config, err) < 0 ||
	    (work->is_template && convert(work, config, err) < 0) ||
	    move_switch(config, work->request->key, work->old, work->made, work->bytes,
			err) < 0)
		return -1;
	return config_save(config, err);
}

/* ---- afterwards ---- */

static bool free_volume(const struct moving *work, const char *volid)
{
	auto_notes struct notes notes = { 0 };
	struct error err;

	if (volume_free(&work->storages, slice(volid), &notes, &err) < 0) {
		warn_task("%s", err.text);
		return false;
	}
	return true;
}

static void deactivate(const struct moving *work, const char *volid)
{
	struct error err;

	if (volume_deactivate(&work->storages, slice(volid), NULL, &err) < 0)
		warn_task("%s", err.text);
}

static int finish(struct moving *work, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	deactivate(work, work->old);
	deactivate(work, work->made);
	if (mark_open(work->request->vmid, MARK, &lock, &config, err) < 0)
		return -1;
	if (work->request->delete &&free_volume(work, work->old))
		unused_drop(config, work->old);
	config_unset(config, "lock");
	return config_save(config, err);
}

/* Somebody who took the mark away may have put the new volume to use. */
static void drop_copy(const struct moving *work, struct config *config)
{
	const unsigned users = USED_BY_MOUNTS | USED_BY_PENDING | USED_BY_SNAPSHOTS;

	if (work->made && !volume_is_used(config, work->made, users) &&
	    free_volume(work, work->made))
		unused_drop(config, work->made);
}

static int undo(struct moving *work, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	const char *mark;

	if (lock_config(work->request->vmid, LOCK_S, &lock, err) < 0 ||
	    ct_load(work->request->vmid, &config, err) < 0)
		return -1;
	drop_copy(work, config);
	mark = config_get(config, "lock");
	if (mark && slice_is(slice(mark), MARK))
		config_unset(config, "lock");
	return config_save(config, err);
}

static int fail_moving(struct moving *work, struct error *err)
{
	struct error undoing;

	if (undo(work, &undoing) < 0)
		warn_task("%s", undoing.text);
	if (interrupt_seen())
		interrupt_check(err);
	return -1;
}

static int move_to_storage(const struct move_request *request, struct error *err)
{
	__attribute__((cleanup(moving_done))) struct moving work = { .request = request };

	if (prepare(&work, err) < 0)
		return -1;
	task_announce("move_volume", "move_volume", request->vmid);
	if (make_target(&work, err) < 0 || copy(&work, err) < 0 ||
	    interrupt_check(err) < 0 || switch_over(&work, err) < 0)
		return fail_moving(&work, err);
	return finish(&work, err);
}

int ct_move(const struct move_request *request, struct error *err)
{
	return request->storage ? move_to_storage(request, err)
				: volume_hand_over(request, err);
}
