#include <fcntl.h>

#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "ct/owned.h"
#include "ct/restoration.h"
#include "ct/unused.h"
#include "lxc/host.h"

int restore_save_old(void *arg, struct error *err)
{
	const struct restoration *r = arg;
	auto_config struct config *config = config_copy(r->old);

	config_set(config, "lock", "create");
	for (size_t i = 0; i < r->volumes.count; i++) {
		const struct wanted_volume *wanted = &r->volumes.at[i];
		const char *value = r->config ? config_get(r->config, wanted->key) : NULL;
		auto_free char *volid = NULL;

		if (!wanted->storage || !value)
			continue;
		volid = entry_volume(wanted->key, value, err);
		if (!volid || unused_add(config, volid, err) < 0)
			return -1;
	}
	return config_save(config, err);
}

int restore_put_old_back(const struct restoration *r, struct error *err)
{
	auto_config struct config *config = config_copy(r->old);

	for (size_t i = 0; i < r->volumes.count; i++) {
		const struct wanted_volume *wanted = &r->volumes.at[i];
		auto_free char *volid = NULL;

		if (!wanted->made)
			continue;
		volid = entry_volume(wanted->key, config_get(r->config, wanted->key), err);
		if (!volid || unused_add(config, volid, err) < 0)
			return -1;
	}
	return config_save(config, err);
}

int restore_remember_old(struct restoration *r, struct error *err)
{
	auto_words char **volids = r->old ? owned_volumes(r->old, NULL) : NULL;

	for (size_t i = 0; volids && volids[i]; i++)
		if (unused_add(r->config, volids[i], err) < 0)
			return -1;
	return 0;
}

static bool is_unused_key(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	return row && row->members == unused_props;
}

static int free_unused(const struct restoration *r, const char *volid, struct error *err)
{
	return volume_is_used(r->config, volid, USED_BY_MOUNTS)
		       ? 0
		       : owned_free(r->vmid, volid, &r->storages, err);
}

void restore_drop_old(struct restoration *r)
{
	struct error err;

	for (size_t i = r->config->main.keys.count; i > 0; i--) {
		const struct keyval *entry = &r->config->main.keys.at[i - 1];

		if (!is_unused_key(entry->key))
			continue;
		if (free_unused(r, entry->value, &err) < 0)
			warn_task("%s", err.text);
		else
			config_unset(r->config, entry->key);
	}
	if (config_save(r->config, &err) < 0 || lxc_config_remove(r->vmid, &err) < 0)
		warn_task("%s", err.text);
}

/* ---- the firewall's file ---- */

int restore_save_firewall(struct restoration *r, struct slice text, struct error *err)
{
	auto_free char *path = path_in(PATH_FIREWALL, "%u.fw", r->vmid);

	if (text.len == 0)
		return 0;
	if (path_make(PATH_FIREWALL, err) < 0)
		return -1;
	r->had_firewall = path_exists(path);
	if (r->had_firewall &&
	    read_file(AT_FDCWD, path, RESTORED_FIREWALL_MAX, &r->old_firewall, err) < 0)
		return -1;
	r->has_firewall = true;
	return save_path(path, text, 0640, err);
}

void restore_put_firewall_back(const struct restoration *r)
{
	auto_free char *path = path_in(PATH_FIREWALL, "%u.fw", r->vmid);
	struct error err;
	int status;

	if (!r->has_firewall)
		return;
	status = r->had_firewall
			 ? save_path(path, strbuf_slice(&r->old_firewall), 0640, &err)
			 : remove_file(path, &err);
	if (status < 0)
		warn_plain("%s", err.text);
}
