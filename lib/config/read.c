#include <errno.h>
#include <stdlib.h>

#include "base/own.h"
#include "config/config.h"
#include "config/raw.h"

/*
 * The text of a typed key: the file's if it is valid, else the schema's default; in
 * normal form. False when there is neither.
 */
static bool normal_value(const struct config *config, const char *key, struct strbuf *out)
{
	const struct prop *row = prop_find(container_props, slice(key));
	const char *value = config_get(config, key);
	struct error err;

	if (!row)
		return false;
	if (value && prop_check_weak(row, slice(value), out, &err) == 0)
		return true;
	strbuf_adds(out, row->fallback ? row->fallback : "");
	return row->fallback != NULL;
}

long long config_int(const struct config *config, const char *key)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	return normal_value(config, key, &text) ? strtoll(text.at, NULL, 10) : -1;
}

double config_number(const struct config *config, const char *key)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	return normal_value(config, key, &text) ? strtod(text.at, NULL) : -1;
}

bool config_bool(const struct config *config, const char *key)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	return normal_value(config, key, &text) && bool_parse(strbuf_slice(&text)) == 1;
}

/* The key's property string read into view. */
static int read_view(const struct config *config, const char *key, const struct prop *rows,
		     void *view, struct error *err)
{
	const char *value = config_get(config, key);

	if (!value) {
		fail(err, 0, "%s is not set", key);
		err->code = ENOENT;
		return -1;
	}
	if (group_parse(slice(value), rows, view, err) < 0)
		return fail_in(err, "%s", key);
	return 0;
}

int config_net(const struct config *config, unsigned index, struct net *net,
	       struct error *err)
{
	auto_free char *key = xasprintf("net%u", index);

	return read_view(config, key, net_props, net, err);
}

int config_device(const struct config *config, unsigned index, struct device *device,
		  struct error *err)
{
	auto_free char *key = xasprintf("dev%u", index);

	return read_view(config, key, dev_props, device, err);
}

int config_features(const struct config *config, struct features *features,
		    struct error *err)
{
	if (read_view(config, "features", features_props, features, err) == 0)
		return 0;
	if (err->code != ENOENT)
		return -1;
	view_init(features_props, features);
	return 0;
}

int config_mountpoint(const struct config *config, const char *key, struct mountpoint *mp,
		      struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	struct mountpoint read = { .backup = -1, .keepattrs = -1 };

	if (!row || !(row->flags & PROP_MOUNT))
		return fail(err, EINVAL, "%s is no mount point", key);
	if (read_view(config, key, row->members, &read, err) < 0)
		return -1;
	*mp = read;
	return 0;
}

static void add_volume_keys(const struct config *config, const struct prop *row,
			    const char **keys, size_t *count)
{
	for (unsigned i = 0; i < (row->count ? row->count : 1); i++) {
		auto_free char *key =
			row->count ? xasprintf("%s%u", row->name, i) : xstrdup(row->name);
		const struct keyval *pair = keyvals_find(&config->main.keys, key);

		if (pair)
			keys[(*count)++] = pair->key;
	}
}

const char **config_volume_keys(const struct config *config)
{
	const char **keys = xcalloc(config->main.keys.count + 1, sizeof(*keys));
	size_t count = 0;

	/* The one without a number, the root, comes first: all else is mounted in it. */
	for (const struct prop *row = container_props; row->name; row++)
		if (row->flags & PROP_MOUNT && !row->count)
			add_volume_keys(config, row, keys, &count);
	for (const struct prop *row = container_props; row->name; row++)
		if (row->flags & PROP_MOUNT && row->count)
			add_volume_keys(config, row, keys, &count);
	return keys;
}

bool config_has_quota(const struct config *config)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		struct error err;

		if (config_mountpoint(config, keys[i], &mp, &err) == 0 && mp.quota == 1)
			return true;
	}
	return false;
}

int config_idmap(const struct config *config, struct idmap *map, struct error *err)
{
	const struct section *section = &config->main;
	struct idmap read = { 0 };

	for (size_t i = 0; i < section->raw_count; i++) {
		auto_strbuf struct strbuf name = STRBUF_INIT;

		raw_current_name(slice(section->raw[i].key), &name);
		if (slice_is(strbuf_slice(&name), "lxc.idmap") &&
		    idmap_add(&read, slice(section->raw[i].value), err) < 0)
			return -1;
	}
	if (read.count == 0 && config_bool(config, "unprivileged"))
		idmap_default(&read);
	*map = read;
	return 0;
}

void section_keys(const struct section *section, struct keyvals *out)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	keyvals_copy(out, &section->keys);
	if (section->snapstate)
		keyvals_set(out, "snapstate", section->snapstate);
	if (!section->description)
		return;
	description_encode(slice(section->description), &text);
	keyvals_set(out, "description", text.at);
}

void config_future(const struct config *config, struct keyvals *out)
{
	struct slice list = slice(keyvals_get(&config->pending.keys, "delete")), word;

	section_keys(&config->main, out);
	keyvals_unset(out, "snapstate");
	while (slice_word(&list, &word)) {
		auto_free char *key =
			slice_dup(slice_starts(word, "!") ? slice_from(word, 1) : word);

		keyvals_unset(out, key);
	}
	section_keys(&config->pending, out);
	keyvals_unset(out, "delete");
}
