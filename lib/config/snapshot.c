#include "config/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/section.h"

/* Keys of the main section that are not part of the container's state. */
static const char *const stateless[] = { "digest", "lock", "snaptime", "vmstate" };

static bool is_unused(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	return row && row->flags & PROP_VOLUME && !(row->flags & PROP_MOUNT);
}

static bool is_state(const char *key)
{
	for (size_t i = 0; i < sizeof(stateless) / sizeof(stateless[0]); i++)
		if (strcmp(key, stateless[i]) == 0)
			return false;
	return !is_unused(key);
}

struct section *snapshot_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->snapshot_count; i++)
		if (strcmp(config->snapshots[i].name, name) == 0)
			return &config->snapshots[i];
	return NULL;
}

int snapshot_get(const struct config *config, const char *name, struct section **out,
		 struct error *err)
{
	struct section *found = snapshot_find(config, name);

	if (!found)
		return fail(err, 0, "snapshot '%s' does not exist", name);
	*out = found;
	return 0;
}

static void set_text(char **field, const char *text)
{
	free(*field);
	*field = xstrdup(text);
}

/* Only the state of from; to is empty but for its name. */
static void copy_state(struct section *to, const struct section *from)
{
	section_copy(to, from);
	set_text(&to->description, NULL);
	set_text(&to->snapstate, NULL);
	for (size_t i = from->keys.count; i > 0; i--)
		if (!is_state(from->keys.at[i - 1].key))
			keyvals_unset(&to->keys, from->keys.at[i - 1].key);
}

static bool descends_from(const struct section *section, const char *name)
{
	const char *parent = keyvals_get(&section->keys, "parent");

	return parent && strcmp(parent, name) == 0;
}

/* Whose parent bore that name before has lost it: the new one is another state. */
static void orphan(struct config *config, const char *name, struct notes *notes)
{
	for (size_t i = 0; i < config->snapshot_count; i++) {
		struct section *section = &config->snapshots[i];

		if (!descends_from(section, name))
			continue;
		keyvals_unset(&section->keys, "parent");
		notes_add(notes, "snapshot '%s' no longer descends from '%s', which is new",
			  section->name, name);
	}
}

int snapshot_add(struct config *config, const char *name, const char *description,
		 long long time, struct notes *notes, struct error *err)
{
	auto_free char *snaptime = xasprintf("%lld", time);
	struct section *section;

	if (snapshot_find(config, name))
		return fail(err, 0, "snapshot name '%s' already used", name);
	section = config_add_snapshot(config, slice(name));
	copy_state(section, &config->main);
	keyvals_set(&section->keys, "snaptime", snaptime);
	section_put(section, "description", description);
	snapshot_mark(section, "prepare");
	orphan(config, name, notes);
	config_sort_snapshots(config);
	return 0;
}

void snapshot_mark(struct section *section, const char *snapstate)
{
	set_text(&section->snapstate, snapstate);
}

void snapshot_commit(struct config *config, const char *name)
{
	struct section *section = snapshot_find(config, name);

	if (section)
		snapshot_mark(section, NULL);
	config_set(config, "parent", name);
}

static void relink(struct section *section, const char *name, const char *parent)
{
	if (!descends_from(section, name))
		return;
	if (parent)
		keyvals_set(&section->keys, "parent", parent);
	else
		keyvals_unset(&section->keys, "parent");
}

void snapshot_remove(struct config *config, const char *name)
{
	struct section *gone = snapshot_find(config, name);
	auto_free char *parent = NULL;
	size_t after;

	if (!gone)
		return;
	parent = xstrdup(keyvals_get(&gone->keys, "parent"));
	after = config->snapshot_count - (size_t)(gone - config->snapshots) - 1;
	section_done(gone);
	memmove(gone, gone + 1, after * sizeof(*gone));
	config->snapshot_count--;
	relink(&config->main, name, parent);
	for (size_t i = 0; i < config->snapshot_count; i++)
		relink(&config->snapshots[i], name, parent);
}

struct config *snapshot_view(const struct config *config, const struct section *section)
{
	struct config *view = config_new(config->vmid);

	section_copy(&view->main, section);
	return view;
}

static void keep_unused(struct section *to, const struct section *from)
{
	for (size_t i = 0; i < from->keys.count; i++)
		if (is_unused(from->keys.at[i].key))
			keyvals_set(&to->keys, from->keys.at[i].key,
				    from->keys.at[i].value);
}

static void empty(struct section *section, const char *name)
{
	section_done(section);
	section->name = xstrdup(name);
}

void snapshot_restore(struct config *config, const char *name)
{
	const struct section *section = snapshot_find(config, name);
	struct section restored = { .name = xstrdup("") };

	copy_state(&restored, section);
	keep_unused(&restored, &config->main);
	set_text(&restored.description, config->main.description);
	keyvals_set(&restored.keys, "parent", name);
	section_done(&config->main);
	config->main = restored;
	empty(&config->pending, "pve:pending");
}
