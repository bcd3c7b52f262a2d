#include "ct/sharedbind.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/store.h"
#include "config/volid.h"
#include "storage/properties.h"

#define IDS_MAX 5 /* that a note names */

static bool uses_default_range(const struct config *config)
{
	return config_bool(config, "unprivileged") && !config_raw(config, "lxc.idmap");
}

/* The directory that the mount point binds, in normal form; NULL: it is no bind mount. */
static char *bind_source(const struct config *config, const char *key,
			 struct mountpoint *mp)
{
	struct error ignored;

	if (strcmp(key, "rootfs") == 0 ||
	    config_mountpoint(config, key, mp, &ignored) < 0 ||
	    volume_kind(slice(mp->volume)) != VOLUME_BIND)
		return NULL;
	return path_normalise(slice(mp->volume));
}

static bool is_at_or_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return strncmp(path, top, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/' || strcmp(top, "/") == 0);
}

static bool have_same_ids(const struct mountpoint *one, const struct mountpoint *other)
{
	return strcmp(one->idmap ? one->idmap : "", other->idmap ? other->idmap : "") == 0;
}

static bool has_such(const struct config *config, const char *path,
		     const struct mountpoint *mp)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint other = { 0 };
		auto_free char *source = bind_source(config, keys[i], &other);

		if (source && have_same_ids(mp, &other) && (mp->ro != 1 || other.ro != 1) &&
		    (is_at_or_below(source, path) || is_at_or_below(path, source)))
			return true;
	}
	return false;
}

bool bind_is_shared(const struct config *config, const char *key,
		    const struct config *other)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	auto_free char *path = bind_source(config, key, &mp);

	return path && uses_default_range(config) && uses_default_range(other) &&
	       has_such(other, path, &mp);
}

/* One bind mount, and who shares it. */
struct sharing {
	const char *key;
	struct strbuf ids; /* "101, 102" */
	size_t count;
};

static void add_id(struct sharing *sharing, unsigned vmid)
{
	if (sharing->count++ < IDS_MAX)
		strbuf_addf(&sharing->ids, "%s%u", sharing->ids.len ? ", " : "", vmid);
	else if (sharing->count == IDS_MAX + 1)
		strbuf_adds(&sharing->ids, ", ...");
}

static void add_note(const struct config *config, const struct sharing *sharing,
		     struct notes *notes)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	auto_free char *path = bind_source(config, sharing->key, &mp);

	if (path && sharing->count)
		notes_add(notes,
			  "%s: '%s' is shared with CT %s, which has the same ids on the "
			  "host: users of one container are users of the other there",
			  sharing->key, path, sharing->ids.at);
}

static void compare_all(const struct config *config, struct sharing *binds, size_t count)
{
	auto_free unsigned *ids = NULL;
	struct error ignored;
	size_t id_count = 0;

	if (config_list(&ids, &id_count, &ignored) < 0)
		return;
	for (size_t i = 0; i < id_count; i++) {
		auto_config struct config *other = NULL;

		if (ids[i] == config->vmid ||
		    config_load_main(ids[i], &other, NULL, &ignored) < 0)
			continue;
		for (size_t at = 0; at < count; at++)
			if (bind_is_shared(config, binds[at].key, other))
				add_id(&binds[at], ids[i]);
	}
}

/* Only the bind mounts, so that others' files are read for these alone. */
static size_t find_binds(const struct config *config, const char **keys,
			 struct sharing **binds)
{
	size_t count = 0;

	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		auto_free char *path = bind_source(config, keys[i], &mp);

		if (!path)
			continue;
		*binds = grow_array(*binds, count, sizeof(**binds));
		(*binds)[count++] = (struct sharing){ .key = keys[i], .ids = STRBUF_INIT };
	}
	return count;
}

void shared_bind_notes(const struct config *config, struct notes *notes)
{
	auto_free const char **keys = config_volume_keys(config);
	auto_free struct sharing *binds = NULL;
	size_t count = uses_default_range(config) ? find_binds(config, keys, &binds) : 0;

	if (count)
		compare_all(config, binds, count);
	for (size_t i = 0; i < count; i++) {
		add_note(config, &binds[i], notes);
		strbuf_done(&binds[i].ids);
	}
}
