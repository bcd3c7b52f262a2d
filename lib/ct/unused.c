#include "ct/unused.h"

#include <string.h>

#include "base/own.h"
#include "config/volid.h"

#define UNUSED_MAX 256

static bool is_unused(const struct prop *row)
{
	return row->members == unused_props;
}

char *entry_volume(const char *key, const char *value, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	union {
		struct mountpoint mountpoint;
		struct unused_volume unused;
	} view;
	char *volume;

	*err = (struct error){ 0 };
	if (!row || !(row->flags & PROP_VOLUME))
		return NULL;
	if (group_parse(slice(value), row->members, &view, err) < 0) {
		fail_in(err, "%s", key);
		return NULL;
	}
	volume = xstrdup(is_unused(row) ? view.unused.volume : view.mountpoint.volume);
	view_done(row->members, &view);
	return volume;
}

static bool section_uses(const struct section *section, const char *volume, unsigned users)
{
	for (size_t i = 0; i < section->keys.count; i++) {
		const struct keyval *entry = &section->keys.at[i];
		const struct prop *row = prop_find(container_props, slice(entry->key));
		auto_free char *held = NULL;
		struct error err;

		if (!row || !(row->flags & PROP_VOLUME) ||
		    !(users & (is_unused(row) ? USED_BY_UNUSED : USED_BY_MOUNTS)))
			continue;
		held = entry_volume(entry->key, entry->value, &err);
		if (held && strcmp(held, volume) == 0)
			return true;
	}
	return false;
}

bool volume_is_used(const struct config *config, const char *volume, unsigned users)
{
	const unsigned any = USED_BY_MOUNTS | USED_BY_UNUSED;

	if (section_uses(&config->main, volume, users) ||
	    (users & USED_BY_PENDING && section_uses(&config->pending, volume, any)))
		return true;
	for (size_t i = 0; users & USED_BY_SNAPSHOTS && i < config->snapshot_count; i++)
		if (section_uses(&config->snapshots[i], volume, any))
			return true;
	return false;
}

bool volume_is_used_besides(const struct config *config, const char *key,
			    const char *volume, unsigned users)
{
	auto_config struct config *rest = config_copy(config);

	config_unset(rest, key);
	return volume_is_used(rest, volume, users);
}

/* The lowest key that is free; NULL: none. */
static char *free_key(const struct config *config)
{
	for (unsigned i = 0; i < UNUSED_MAX; i++) {
		auto_free char *key = xasprintf("unused%u", i);

		if (!config_get(config, key))
			return take_ptr(&key);
	}
	return NULL;
}

int unused_room(const struct config *config, struct error *err)
{
	auto_free char *key = free_key(config);

	return key ? 0
		   : fail(err, 0, "Too many unused volumes - please delete them first.");
}

int unused_add(struct config *config, const char *volume, struct error *err)
{
	auto_free char *key = NULL;

	if (volume_kind(slice(volume)) != VOLUME_STORAGE ||
	    volume_is_used(config, volume, USED_BY_MOUNTS | USED_BY_UNUSED))
		return 0;
	if (unused_room(config, err) < 0)
		return -1;
	key = free_key(config);
	config_set(config, key, volume);
	return 0;
}

void unused_drop(struct config *config, const char *volume)
{
	for (size_t i = config->main.keys.count; i > 0; i--) {
		const struct keyval *entry = &config->main.keys.at[i - 1];
		const struct prop *row = prop_find(container_props, slice(entry->key));
		auto_free char *held = NULL;
		struct error ignored;

		if (row && is_unused(row))
			held = entry_volume(entry->key, entry->value, &ignored);
		if (held && strcmp(held, volume) == 0)
			config_unset(config, entry->key);
	}
}
