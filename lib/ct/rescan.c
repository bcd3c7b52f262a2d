#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/allocate.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/unused.h"
#include "storage/volume.h"

struct rescan {
	struct storages storages;
	struct volume_list found; /* of all storages that hold containers */
	bool dry_run;
};

static void rescan_done(struct rescan *work)
{
	storages_done(&work->storages);
	volume_list_done(&work->found);
}

static void list_storage(struct rescan *work, const struct storage *st, unsigned vmid)
{
	auto_volume_list struct volume_list list = { 0 };
	struct error err;

	if (storage_use(&work->storages, slice(st->id), 0, &st, &err) < 0 ||
	    storage_list(st, CONTENT_IMAGES | CONTENT_ROOTDIR, vmid, &list, &err) < 0)
		warn_plain("%s", err.text);
	for (size_t i = 0; i < list.count; i++) {
		work->found.at = grow_array(work->found.at, work->found.count,
					    sizeof(*work->found.at));
		work->found.at[work->found.count++] = list.at[i];
	}
	list.count = 0;
}

static const struct volume_info *find(const struct rescan *work, const char *volid)
{
	for (size_t i = 0; i < work->found.count; i++)
		if (strcmp(work->found.at[i].volid, volid) == 0)
			return &work->found.at[i];
	return NULL;
}

/* Without links, for what was found: other storages might not even answer. */
static char *path_of(const struct rescan *work, const char *volid)
{
	auto_free char *path = NULL;
	char *real = NULL;
	const struct storage *st;
	struct volume volume;
	struct error ignored;

	if (volume_resolve(&work->storages, slice(volid), &st, &volume, &path, &ignored) <
	    0)
		return NULL;
	if (find(work, volid))
		real = realpath(path, NULL);
	return real ? real : take_ptr(&path);
}

/* The same place may have two names: storages can overlap. */
static bool is_known(const struct config *config, const struct rescan *work,
		     const char *volid)
{
	auto_free char *path = path_of(work, volid);

	if (volume_is_used(config, volid, USED_BY_MOUNTS | USED_BY_UNUSED))
		return true;
	for (size_t i = 0; path && i < config->main.keys.count; i++) {
		const struct keyval *entry = &config->main.keys.at[i];
		struct error ignored;
		auto_free char *other = entry_volume(entry->key, entry->value, &ignored);
		auto_free char *other_path = other ? path_of(work, other) : NULL;

		if (other_path && strcmp(path, other_path) == 0)
			return true;
	}
	return false;
}

static const char *key_of(const struct config *config, const char *volid)
{
	for (size_t i = 0; i < config->main.keys.count; i++)
		if (strcmp(config->main.keys.at[i].value, volid) == 0)
			return config->main.keys.at[i].key;
	return "unused";
}

static int add_unreferenced(struct config *config, const struct rescan *work, bool *changed,
			    struct error *err)
{
	for (size_t i = 0; i < work->found.count; i++) {
		const char *volid = work->found.at[i].volid;

		if (work->found.at[i].vmid != config->vmid || is_known(config, work, volid))
			continue;
		if (unused_add(config, volid, err) < 0)
			return -1;
		printf("CT %u: add unreferenced volume '%s' as '%s' to config.\n",
		       config->vmid, volid, key_of(config, volid));
		*changed = true;
	}
	return 0;
}

static int correct_size(struct config *config, const char *key, const struct rescan *work,
			bool *changed, struct error *err)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	auto_strbuf struct strbuf value = STRBUF_INIT;
	const struct volume_info *found = NULL;

	if (config_mountpoint(config, key, &mp, err) == 0)
		found = find(work, mp.volume);
	if (!found || (long long)found->size == mp.size ||
	    (found->size == 0 && mp.size < 0))
		return 0;
	if (volume_value(key, config_get(config, key), mp.volume, found->size, &value,
			 err) < 0)
		return -1;
	config_set(config, key, value.at);
	printf("CT %u: updated volume size of '%s' in config.\n", config->vmid, mp.volume);
	*changed = true;
	return 0;
}

static int rescan_config(unsigned vmid, const struct rescan *work, struct error *err)
{
	auto_free const char **keys = NULL;
	auto_config struct config *config = NULL;
	auto_lock struct lock lock = { 0 };
	bool changed = false;

	if (lock_config(vmid, 10, &lock, err) < 0 || ct_load(vmid, &config, err) < 0 ||
	    ct_check_lock(config, NULL, err) < 0 ||
	    add_unreferenced(config, work, &changed, err) < 0)
		return -1;
	keys = config_volume_keys(config);
	for (size_t i = 0; keys[i]; i++)
		if (correct_size(config, keys[i], work, &changed, err) < 0)
			return -1;
	return changed && !work->dry_run ? config_save(config, err) : 0;
}

static int rescan_all(const struct rescan *work, struct error *err)
{
	auto_free unsigned *ids = NULL;
	size_t count = 0;

	if (config_list(&ids, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct error failed;

		if (rescan_config(ids[i], work, &failed) < 0)
			warn_plain("CT %u: %s", ids[i], failed.text);
	}
	return 0;
}

int ct_rescan(unsigned vmid, bool dry_run, struct error *err)
{
	__attribute__((cleanup(rescan_done))) struct rescan work = { .dry_run = dry_run };

	if (vmid && ct_must_exist(vmid, err) < 0)
		return -1;
	if (dry_run)
		puts("NOTE: running in dry-run mode, won't write changes out!");
	puts("rescan volumes...");
	storages_load(&work.storages, NULL);
	for (size_t i = 0; i < work.storages.count; i++) {
		const struct storage *st = &work.storages.at[i];

		if (st->type && !st->disabled && st->content & CONTENT_ROOTDIR)
			list_storage(&work, st, vmid);
	}
	return vmid ? rescan_config(vmid, &work, err) : rescan_all(&work, err);
}
