#include "ct/apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/volid.h"
#include "ct/pending.h"
#include "ct/unused.h"

struct applying {
	struct config *config;
	const struct keyvals *only;
	const struct apply_host *host;
	struct problems *problems;
	const char *what, *colon; /* a problem is "<what> <key><colon><reason>" */
};

static bool is_wanted(const struct applying *work, const char *key)
{
	return !work->only || keyvals_get(work->only, key);
}

static void add_problem(struct applying *work, const char *key, const struct error *err)
{
	problems_add(work->problems, key, "%s %s%s%s", work->what, key, work->colon,
		     err->text);
}

static void finish_delete(struct applying *work, const char *key)
{
	section_drop(&work->config->main, key);
	pending_drop_delete(work->config, key);
}

/* Pending value to current value. */
static void finish_set(struct applying *work, const char *key, const char *value)
{
	section_put(&work->config->main, key, value);
	section_drop(&work->config->pending, key);
}

/* A volume that no longer has its key is kept in mind. */
static int remember_volume(struct config *config, const char *key, const char *old,
			   struct error *err)
{
	auto_free char *volume = old ? entry_volume(key, old, err) : NULL;

	return volume ? unused_add(config, volume, err) : 0;
}

static int delete_mount(struct applying *work, const char *key, struct error *err)
{
	auto_free char *old = section_get(&work->config->main, key);

	section_drop(&work->config->main, key);
	if (remember_volume(work->config, key, old, err) == 0)
		return 0;
	section_put(&work->config->main, key, old);
	return -1;
}

/* The volume goes with its last entry. */
static int delete_unused(struct applying *work, const char *key, struct error *err)
{
	const unsigned anybody =
		USED_BY_MOUNTS | USED_BY_UNUSED | USED_BY_PENDING | USED_BY_SNAPSHOTS;
	auto_free char *old = section_get(&work->config->main, key);
	auto_free char *volume = old ? entry_volume(key, old, err) : NULL;

	section_drop(&work->config->main, key);
	if (!volume || volume_is_used(work->config, volume, anybody) ||
	    work->host->release(work->host->arg, key, volume, err) == 0)
		return 0;
	section_put(&work->config->main, key, old);
	return -1;
}

static int delete_one(struct applying *work, const char *key, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));

	if (row && row->members == mp_props)
		return delete_mount(work, key, err);
	if (row && row->members == unused_props)
		return delete_unused(work, key, err);
	return 0;
}

static int set_one(struct applying *work, const char *key, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	bool is_mount = row && row->members == mp_props;
	auto_free char *value = section_get(&work->config->pending, key);
	auto_free char *old = section_get(&work->config->main, key);
	auto_strbuf struct strbuf stored = STRBUF_INIT;

	if (is_mount && old && unused_room(work->config, err) < 0)
		return -1;
	if (work->host->resolve(work->host->arg, key, value, &stored, err) < 0)
		return -1;
	finish_set(work, key, stored.at);
	return is_mount ? remember_volume(work->config, key, old, err) : 0;
}

/* Each returns 0, -1 with err, or 1: the entry has to wait. */
typedef int (*apply_one)(struct applying *work, const char *key, struct error *err);

static void apply_deletes(struct applying *work, apply_one apply)
{
	auto_keyvals struct keyvals deletes = { 0 };

	pending_deletes(work->config, &deletes);
	for (size_t i = 0; i < deletes.count; i++) {
		const char *key = deletes.at[i].key;
		struct error err;
		int status = is_wanted(work, key) ? apply(work, key, &err) : 1;

		if (status == 0)
			finish_delete(work, key);
		if (status < 0)
			add_problem(work, key, &err);
	}
}

static void apply_sets(struct applying *work, apply_one apply)
{
	auto_keyvals struct keyvals names = { 0 };

	section_names(&work->config->pending, &names);
	keyvals_unset(&names, "delete");
	for (size_t i = 0; i < names.count; i++) {
		const char *key = names.at[i].key;
		struct error err;

		if (is_wanted(work, key) && apply(work, key, &err) < 0)
			add_problem(work, key, &err);
	}
}

void apply_stopped(struct config *config, const struct keyvals *only,
		   const struct apply_host *host, struct problems *problems)
{
	struct applying work = { .config = config,
				 .only = only,
				 .host = host,
				 .problems = problems,
				 .what = "unable to apply pending change",
				 .colon = " : " };

	apply_deletes(&work, delete_one);
	apply_sets(&work, set_one);
}

static bool is_config_only(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	return row && row->flags & PROP_NOW;
}

static long long number_of(const char *value)
{
	return value ? strtoll(value, NULL, 10) : -1;
}

/* Memory and swap in one step if both wait: their order matters to the kernel. */
static int live_memory(struct applying *work, const char *key, const char *value,
		       struct error *err)
{
	struct section *pending = &work->config->pending;
	auto_free char *memory =
		is_wanted(work, "memory") ? section_get(pending, "memory") : NULL;
	auto_free char *swap =
		is_wanted(work, "swap") ? section_get(pending, "swap") : NULL;

	if (!value)
		return work->host->memory(work->host->arg, -1, 0, err);
	if (work->host->memory(work->host->arg, number_of(memory), number_of(swap), err) <
	    0)
		return -1;
	if (memory && strcmp(key, "memory") != 0)
		finish_set(work, "memory", memory);
	if (swap && strcmp(key, "swap") != 0)
		finish_set(work, "swap", swap);
	return 0;
}

static int live_limit(struct applying *work, const char *key, const char *value,
		      struct error *err)
{
	return work->host->limit(work->host->arg, key, value, err);
}

/* What a running container takes; value NULL: the key is deleted. */
static const struct {
	const char *key;
	int (*change)(struct applying *work, const char *key, const char *value,
		      struct error *err);
} live_keys[] = {
	{ "cores", live_limit },   { "cpulimit", live_limit }, { "cpuunits", live_limit },
	{ "memory", live_memory }, { "swap", live_memory },
};

/* 1: not without a restart. */
static int change_live(struct applying *work, const char *key, const char *value,
		       struct error *err)
{
	for (size_t i = 0; i < sizeof(live_keys) / sizeof(live_keys[0]); i++)
		if (strcmp(live_keys[i].key, key) == 0)
			return live_keys[i].change(work, key, value, err);
	return is_config_only(key) ? 0 : 1;
}

static int unplug_mount(struct applying *work, const char *key, struct error *err)
{
	auto_free char *old = section_get(&work->config->main, key);
	int status = old ? work->host->unmount(work->host->arg, key, err) : 1;

	return status ? status : delete_mount(work, key, err);
}

/* The last one first, as it may be mounted below another. */
static void unplug_mounts(struct applying *work)
{
	auto_keyvals struct keyvals deletes = { 0 };

	pending_deletes(work->config, &deletes);
	for (unsigned i = MP_COUNT; i > 0; i--) {
		auto_free char *key = xasprintf("mp%u", i - 1);
		struct error err;
		int status = 1;

		if (keyvals_get(&deletes, key) && is_wanted(work, key))
			status = unplug_mount(work, key, &err);
		if (status == 0)
			finish_delete(work, key);
		if (status < 0)
			add_problem(work, key, &err);
	}
}

static int delete_live(struct applying *work, const char *key, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));

	if (row && row->members == unused_props)
		return delete_unused(work, key, err);
	if (row && row->members == net_props)
		return work->host->net(work->host->arg, key, NULL, NULL, err);
	return change_live(work, key, NULL, err);
}

/* Only one that is not there yet: others wait until the container stops. */
static int plug_mount(struct applying *work, const char *key, struct error *err)
{
	const struct apply_host *host = work->host;
	auto_free char *value = section_get(&work->config->pending, key);
	auto_free char *old = section_get(&work->config->main, key);
	auto_strbuf struct strbuf stored = STRBUF_INIT;

	if (!value || old)
		return 1;
	if (host->resolve(host->arg, key, value, &stored, err) < 0 ||
	    host->mount(host->arg, key, stored.at, err) < 0)
		return -1;
	finish_set(work, key, stored.at);
	return 0;
}

/* As with mount points: one that is there stays as it is. */
static int plug_device(struct applying *work, const char *key, struct error *err)
{
	auto_free char *value = section_get(&work->config->pending, key);
	auto_free char *old = section_get(&work->config->main, key);

	if (!value || old)
		return 1;
	if (work->host->device(work->host->arg, key, value, err) < 0)
		return -1;
	finish_set(work, key, value);
	return 0;
}

/* Where a part has to wait the whole new value does. */
static int change_net(struct applying *work, const char *key, struct error *err)
{
	const struct apply_host *host = work->host;
	auto_free char *value = section_get(&work->config->pending, key);
	auto_strbuf struct strbuf stored = STRBUF_INIT, now = STRBUF_INIT;

	if (!value)
		return 1;
	if (host->resolve(host->arg, key, value, &stored, err) < 0 ||
	    host->net(host->arg, key, stored.at, &now, err) < 0)
		return -1;
	finish_set(work, key, now.at);
	if (strcmp(now.at, stored.at) != 0)
		section_put(&work->config->pending, key, stored.at);
	return 0;
}

static int set_live(struct applying *work, const char *key, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	auto_free char *value = section_get(&work->config->pending, key);
	int status;

	if (row && row->members == mp_props)
		return plug_mount(work, key, err);
	if (row && row->members == dev_props)
		return plug_device(work, key, err);
	if (row && row->members == net_props)
		return change_net(work, key, err);
	status = value ? change_live(work, key, value, err) : 1;
	if (status == 0)
		finish_set(work, key, value);
	return status;
}

static int set_config_only(struct applying *work, const char *key, struct error *err)
{
	return is_config_only(key) ? set_live(work, key, err) : 1;
}

void apply_running(struct config *config, const struct keyvals *only,
		   const struct apply_host *host, struct problems *problems)
{
	struct applying work = { .config = config,
				 .only = only,
				 .host = host,
				 .problems = problems,
				 .what = "unable to hotplug",
				 .colon = ": " };

	apply_sets(&work, set_config_only);
	unplug_mounts(&work);
	apply_deletes(&work, delete_live);
	apply_sets(&work, set_live);
}
