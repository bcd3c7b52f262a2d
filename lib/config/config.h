/*
 * One container's file in memory: sections of keys with their values as text, so that
 * what was only warned about can be written back (ct-config.md 2, 8). Reading is
 * tolerant, writing canonical: config_format is the inverse of config_parse on
 * canonical files. Pure functions; store.h does the loading and saving.
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "base/strbuf.h"
#include "config/keyvals.h"
#include "config/schema.h"

struct raw_line {
	char *key, *value; /* owned: "lxc.mount.entry" and its value */
};

struct section {
	char *name; /* "" for the main section, "pve:pending", or a snapshot's name */
	char *description; /* decoded, lines end with LF; NULL: none */
	char *snapstate;   /* "prepare", "delete" or NULL */
	struct keyvals keys;
	struct raw_line *raw; /* lxc.* entries in file order */
	size_t raw_count;
	char **env; /* "NAME=value" items of lxc.environment.runtime, in order */
	size_t env_count;
};

struct config {
	unsigned vmid;
	struct section main;
	struct section pending;    /* "delete" is one of its keys */
	struct section *snapshots; /* sorted by name */
	size_t snapshot_count;
};

/*
 * Read a whole file. Never fails: what is wrong with it comes as warnings, each a
 * sentence "vm <id> - ..." (ct-config.md 1, 2.1). The caller frees with config_free.
 */
struct config *config_parse(struct slice text, unsigned vmid, struct notes *warnings);

/*
 * As config_parse, but only the main section: pending changes and snapshots are neither
 * read nor checked. For listings of many containers; never save such a config.
 */
struct config *config_parse_main(struct slice text, unsigned vmid, struct notes *warnings);

struct config *config_new(unsigned vmid);
struct config *config_copy(const struct config *config);
void config_free(struct config *config);
void free_config(struct config **config);
#define auto_config __attribute__((cleanup(free_config)))

/* The file's text. A line break inside a value is an error naming the key. */
int config_format(const struct config *config, struct strbuf *out, struct error *err);

/* One more "NAME=value" behind the others. */
void section_add_env(struct section *section, struct slice item);

/* Keys of the main section, as text; NULL when absent. */
const char *config_get(const struct config *config, const char *key);
void config_set(struct config *config, const char *key, const char *value);
void config_unset(struct config *config, const char *key);

/* One more raw lxc.* entry behind the others of the main section. */
void config_add_raw(struct config *config, const char *key, const char *value);

/*
 * Keys of any section, those with a form of their own included: the description, and env
 * with one item a line. section_get's text is the caller's, NULL when the key is absent.
 */
char *section_get(const struct section *section, const char *key);
void section_put(struct section *section, const char *key, const char *value);
void section_drop(struct section *section, const char *key);

/* The names of all those keys, sorted; values are empty. Adds to *out. */
void section_names(const struct section *section, struct keyvals *out);

/*
 * Typed keys of the main section with the schema's default where absent or invalid:
 * config_int(c, "memory") is 512 without the key. -1: absent and without default.
 */
long long config_int(const struct config *config, const char *key);
double config_number(const struct config *config, const char *key);
bool config_bool(const struct config *config, const char *key);

/*
 * Views of property strings; -1 when the key is absent (err->code ENOENT) or its text
 * is invalid. Release with the view's _done.
 */
int config_net(const struct config *config, unsigned index, struct net *net,
	       struct error *err);
int config_device(const struct config *config, unsigned index, struct device *device,
		  struct error *err);
int config_features(const struct config *config, struct features *features,
		    struct error *err); /* absent key: all off, returns 0 */
/* key is "rootfs" or "mp<N>". */
int config_mountpoint(const struct config *config, const char *key, struct mountpoint *mp,
		      struct error *err);

/*
 * The keys of volumes in their order everywhere: rootfs, mp0, mp1, ... mp255; only
 * those that are present. NULL ends the array; the caller frees it (the texts are
 * the config's).
 */
const char **config_volume_keys(const struct config *config);

/* A volume asks for quotas (quota=1). */
bool config_has_quota(const struct config *config);

/* The hostname, or "CT<id>"; the caller frees it. */
char *config_hostname(const struct config *config);

/*
 * Rule U of runtime.md: "unprivileged: 1" or any raw lxc.idmap. *map gets the raw
 * entries, else the default map, else nothing (count 0: privileged).
 */
int config_idmap(const struct config *config, struct idmap *map, struct error *err);

/* The value of the last raw entry with that key; NULL when there is none. */
const char *config_raw(const struct config *config, const char *key);

/*
 * The keys of one section as commands show them: sorted; the description percent-encoded
 * as a key, snapstate as a key; env and raw entries are not in it. Adds to *out.
 */
void section_keys(const struct section *section, struct keyvals *out);

/*
 * The keys as `pct config` shows them: the main section with pending changes applied
 * (ct-config.md 7.5), sorted; description percent-encoded as a key; raw entries are
 * not in it.
 */
void config_future(const struct config *config, struct keyvals *out);

/* Percent-encoding of descriptions (ct-config.md 2.2). */
void description_encode(struct slice text, struct strbuf *out);
void description_decode(struct slice text, struct strbuf *out);
