#include <string.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/snapshot.h"
#include "ct/task.h"
#include "ct/totemplate.h"
#include "ct/unused.h"
#include "lxc/command.h"
#include "lxc/host.h"

static int fail_unavailable(const char *volume, struct error *err)
{
	return fail(err, 0, "Template feature is not available for '%s'", volume);
}

/* A base volume of its own is what an earlier try has made of one. */
static int check_volume(const struct config *config, const struct storages *storages,
			const char *volid, bool *is_base, struct error *err)
{
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (volume_kind(slice(volid)) != VOLUME_STORAGE)
		return fail_unavailable(volid, err);
	if (volume_resolve(storages, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	if (volume.vmid != config->vmid)
		return fail(err, 0, "volume '%s' belongs to CT %u", volid, volume.vmid);
	*is_base = volume.is_base;
	if (!volume.is_base && !storage_has_feature(st, &volume, NULL, FEATURE_TEMPLATE))
		return fail_unavailable(volid, err);
	return 0;
}

int template_check(const struct config *config, const struct storages *storages,
		   struct error *err)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_volume(keys[i], config_get(config, keys[i]), err);
		bool is_base;

		if (!volid || check_volume(config, storages, volid, &is_base, err) < 0)
			return -1;
	}
	return 0;
}

static int refuse(const struct config *config, const struct storages *storages,
		  struct error *err)
{
	if (ct_check_lock(config, NULL, err) < 0)
		return -1;
	if (config_bool(config, "template"))
		return fail(err, 0, "you can't convert a template to a template");
	if (config->snapshot_count)
		return fail(err, 0, "you can't convert a CT with snapshots to a template");
	if (lxc_is_running(config->vmid))
		return fail(err, 0, "you can't convert a running CT to a template");
	if (template_check(config, storages, err) < 0)
		return -1;
	return ct_wait_gone(config->vmid, 10, err);
}

/* The new name is in the file before the volume has it, beside the old one. */
static int write_down(void *arg, const char *volid, struct error *err)
{
	struct config *config = arg;

	return unused_add(config, volid, err) < 0 ? -1 : config_save(config, err);
}

/* The volume's new name in the key, if that names it. */
static int rename_in(struct config *config, const char *key, const char *old,
		     const char *base, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	auto_free char *volid = entry_volume(key, config_get(config, key), err);
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (!volid)
		return -1;
	if (strcmp(volid, old) != 0)
		return 0;
	if (group_with(slice(config_get(config, key)), row->members, "volume", base, &value,
		       err) < 0)
		return -1;
	config_set(config, key, value.at);
	return 0;
}

/* Of all keys at once: a volume may be mounted twice. */
static int convert(struct config *config, const char *const *keys, const char *key,
		   const struct storages *storages, struct error *err)
{
	const struct volume_claim claim = { write_down, config };
	auto_free char *volid = entry_volume(key, config_get(config, key), err);
	auto_free char *base = NULL;
	auto_notes struct notes notes = { 0 };
	bool is_base = false;

	if (!volid || check_volume(config, storages, volid, &is_base, err) < 0)
		return -1;
	if (is_base)
		return 0;
	if (volume_make_base(storages, slice(volid), &claim, &base, &notes, err) < 0)
		return -1;
	warn_task_notes(&notes);
	for (size_t i = 0; keys[i]; i++)
		if (rename_in(config, keys[i], volid, base, err) < 0)
			return -1;
	return config_save(config, err);
}

int template_convert(struct config *config, const struct storages *storages,
		     struct error *err)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = 0; keys[i]; i++)
		if (interrupt_check(err) < 0 ||
		    convert(config, keys, keys[i], storages, err) < 0)
			return -1;
	return 0;
}

/* The file may still name a base volume as unused that rootfs or mpN names now. */
static int finish(unsigned vmid, struct error *err)
{
	auto_config struct config *config = NULL;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	config_set(config, "template", "1");
	return config_save(config, err) < 0 ? -1 : lxc_config_remove(vmid, err);
}

int ct_template(unsigned vmid, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lock_config(vmid, 10, &lock, err) < 0 || ct_load(vmid, &config, err) < 0)
		return -1;
	ct_load_storages(&storages);
	if (refuse(config, &storages, err) < 0)
		return -1;
	task_announce("template", "vztemplate", vmid);
	if (template_convert(config, &storages, err) < 0)
		return -1;
	return finish(vmid, err);
}
