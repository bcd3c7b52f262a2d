#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/changehost.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/pending.h"
#include "ct/settle.h"
#include "lxc/command.h"

#define SETTLED_S 10

static int queue(struct config *config, const struct changes *changes,
		 struct change_host *host, struct error *err)
{
	const struct update_host update = change_host_update(host);
	auto_notes struct notes notes = { 0 };
	int status = update_queue(config, changes, &update, &notes, err);

	warn_notes(&notes);
	return status;
}

/* A container that is going down, or starts again, is in neither state for a moment. */
static int find_state(unsigned vmid, bool *running, struct error *err)
{
	int64_t end = clock_ms() + SETTLED_S * 1000;

	while (!(*running = lxc_is_running(vmid)) && ct_has_monitor(vmid)) {
		if (clock_ms() > end)
			return fail(err, 0, "the monitor of CT %u is still there", vmid);
		clock_pause(10);
	}
	return 0;
}

static int put_into_effect(struct config *config, const struct changes *changes,
			   struct change_host *host, struct error *err)
{
	const struct apply_host apply = change_host_apply(host);
	auto_problems struct problems problems = { 0 };
	auto_keyvals struct keyvals keys = { 0 };
	bool running;

	if (find_state(config->vmid, &running, err) < 0)
		return -1;
	changes_keys(changes, &keys);
	if (running)
		apply_running(config, &keys, &apply, &problems);
	else
		apply_stopped(config, &keys, &apply, &problems);
	if (problems.count)
		return fail_problems(&problems, err);
	return config_save(config, err);
}

static int change(struct config *config, const struct changes *changes, struct error *err)
{
	auto_problems struct problems problems = { 0 };
	auto_change_host struct change_host host = { 0 };

	changes_check(changes, &problems);
	if (problems.count)
		return fail_problems(&problems, err);
	change_host_init(&host, config);
	if (queue(config, changes, &host, err) < 0)
		return -1;
	if (put_into_effect(config, changes, &host, err) == 0)
		return 0;
	change_host_undo(&host);
	return -1;
}

int ct_set(const struct set_request *request, struct error *err)
{
	const struct changes changes = { .set = request->config,
					 .revert = request->revert,
					 .delete = request->delete };
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (ct_must_exist(request->vmid, err) < 0)
		return -1;
	if (request->config->count == 0 && !request->revert && !request->delete)
		return fail(err, 0, "no options specified");
	if (lock_config(request->vmid, 10, &lock, err) < 0 ||
	    ct_load_digest(request->vmid, request->digest, &config, err) < 0 ||
	    ct_check_lock(config, NULL, err) < 0 || change(config, &changes, err) < 0)
		return -1;
	ct_regenerate(config);
	return 0;
}
