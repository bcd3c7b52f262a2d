#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"
#include "config/section.h"

void section_done(struct section *section)
{
	free(section->name);
	free(section->description);
	free(section->snapstate);
	keyvals_done(&section->keys);
	for (size_t i = 0; i < section->raw_count; i++) {
		free(section->raw[i].key);
		free(section->raw[i].value);
	}
	free(section->raw);
	for (size_t i = 0; i < section->env_count; i++)
		free(section->env[i]);
	free(section->env);
	*section = (struct section){ 0 };
}

void section_add_env(struct section *section, struct slice item)
{
	section->env = grow_array(section->env, section->env_count, sizeof(*section->env));
	section->env[section->env_count++] = slice_dup(item);
}

void section_add_raw(struct section *section, struct slice key, struct slice value)
{
	section->raw = grow_array(section->raw, section->raw_count, sizeof(*section->raw));
	section->raw[section->raw_count++] =
		(struct raw_line){ .key = slice_dup(key), .value = slice_dup(value) };
}

void section_copy(struct section *to, const struct section *from)
{
	to->description = xstrdup(from->description);
	to->snapstate = xstrdup(from->snapstate);
	for (size_t i = 0; i < from->keys.count; i++)
		keyvals_append(&to->keys, xstrdup(from->keys.at[i].key),
			       xstrdup(from->keys.at[i].value));
	for (size_t i = 0; i < from->raw_count; i++)
		section_add_raw(to, slice(from->raw[i].key), slice(from->raw[i].value));
	for (size_t i = 0; i < from->env_count; i++)
		section_add_env(to, slice(from->env[i]));
}

struct section *config_add_snapshot(struct config *config, struct slice name)
{
	struct section *section;

	config->snapshots = grow_array(config->snapshots, config->snapshot_count,
				       sizeof(*config->snapshots));
	section = &config->snapshots[config->snapshot_count++];
	*section = (struct section){ .name = slice_dup(name) };
	return section;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct section *)left)->name,
		      ((const struct section *)right)->name);
}

void config_sort_snapshots(struct config *config)
{
	struct section *all = config->snapshots;
	size_t count = config->snapshot_count, kept = 0;

	sort_stable(all, count, sizeof(*all), by_name);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && by_name(&all[i], &all[i + 1]) == 0)
			section_done(&all[i]);
		else
			all[kept++] = all[i];
	}
	config->snapshot_count = kept;
}

struct config *config_new(unsigned vmid)
{
	struct config *config = xcalloc(1, sizeof(*config));

	config->vmid = vmid;
	config->main.name = xstrdup("");
	config->pending.name = xstrdup("pve:pending");
	return config;
}

struct config *config_copy(const struct config *config)
{
	struct config *copy = config_new(config->vmid);

	section_copy(&copy->main, &config->main);
	section_copy(&copy->pending, &config->pending);
	for (size_t i = 0; i < config->snapshot_count; i++) {
		const struct section *from = &config->snapshots[i];

		section_copy(config_add_snapshot(copy, slice(from->name)), from);
	}
	return copy;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	section_done(&config->main);
	section_done(&config->pending);
	for (size_t i = 0; i < config->snapshot_count; i++)
		section_done(&config->snapshots[i]);
	free(config->snapshots);
	free(config);
}

void free_config(struct config **config)
{
	config_free(*config);
	*config = NULL;
}

const char *config_get(const struct config *config, const char *key)
{
	return keyvals_get(&config->main.keys, key);
}

void config_set(struct config *config, const char *key, const char *value)
{
	keyvals_set(&config->main.keys, key, value);
}

void config_unset(struct config *config, const char *key)
{
	keyvals_unset(&config->main.keys, key);
}

void config_add_raw(struct config *config, const char *key, const char *value)
{
	section_add_raw(&config->main, slice(key), slice(value));
}

const char *config_raw(const struct config *config, const char *key)
{
	const struct section *section = &config->main;

	for (size_t i = section->raw_count; i > 0; i--)
		if (strcmp(section->raw[i - 1].key, key) == 0)
			return section->raw[i - 1].value;
	return NULL;
}

char *config_hostname(const struct config *config)
{
	const char *name = config_get(config, "hostname");

	return name ? xstrdup(name) : xasprintf("CT%u", config->vmid);
}
