#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/keyvalue.h"
#include "ct/pending.h"
#include "ct/snaptree.h"
#include "ct/task.h"
#include "lxc/freeze.h"
#include "lxc/host.h"

static void add_lines(const struct keyvals *keys, struct strbuf *out)
{
	for (size_t i = 0; i < keys->count; i++)
		strbuf_addf(out, "%s: %s\n", keys->at[i].key, keys->at[i].value);
}

static void add_env(const char *items, struct strbuf *out)
{
	struct slice rest = slice(items), item;

	while (slice_line(&rest, &item))
		strbuf_addf(out, "lxc.environment.runtime: " SLICE_FMT "\n",
			    SLICE_ARG(item));
}

static void add_raw(const struct section *section, struct strbuf *out)
{
	for (size_t i = 0; i < section->raw_count; i++)
		strbuf_addf(out, "%s: %s\n", section->raw[i].key, section->raw[i].value);
}

/* What env will be once pending changes are applied. */
static char *future_env(const struct config *config)
{
	auto_free char *now = section_get(&config->main, "env");
	auto_free char *then = section_get(&config->pending, "env");
	auto_keyvals struct keyvals deletes = { 0 };

	pending_deletes(config, &deletes);
	if (keyvals_get(&deletes, "env"))
		return NULL;
	return then ? take_ptr(&then) : take_ptr(&now);
}

static const struct section *find_snapshot(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->snapshot_count; i++)
		if (slice_is(slice(name), config->snapshots[i].name))
			return &config->snapshots[i];
	return NULL;
}

/*
 * Values that the command line would refuse; those that cannot be read at all the reader
 * has told already. The description is not as it was written here.
 */
static void warn_invalid(const struct keyvals *keys)
{
	auto_problems struct problems problems = { 0 };

	for (size_t i = 0; i < keys->count; i++) {
		const struct keyval *entry = &keys->at[i];
		const struct prop *row = prop_find(container_props, slice(entry->key));
		auto_strbuf struct strbuf normal = STRBUF_INIT;
		struct error ignored;

		if (row && strcmp(row->name, "description") != 0 &&
		    !(row->kept && strcmp(entry->value, row->kept) == 0) &&
		    prop_check_weak(row, slice(entry->value), &normal, &ignored) == 0)
			prop_check(row, entry->key, slice(entry->value), &problems, NULL);
	}
	for (size_t i = 0; i < problems.count; i++)
		warn_plain("%s: " SLICE_FMT, problems.at[i].name,
			   SLICE_ARG(slice_trim(slice(problems.at[i].text))));
}

/* What is shown of a container: one of its sections, or the main one as it will be. */
struct shown {
	struct config *config;
	const struct section *section;
	struct keyvals keys;
	char *env; /* items, one a line; or NULL */
	char digest[DIGEST_SIZE];
};

static void shown_done(struct shown *shown)
{
	free_ptr(&shown->env);
	keyvals_done(&shown->keys);
	free_config(&shown->config);
}

#define auto_shown __attribute__((cleanup(shown_done)))

static int shown_load(unsigned vmid, bool current, const char *snapshot,
		      struct shown *shown, struct error *err)
{
	auto_notes struct notes notes = { 0 };

	if (config_load_digest(vmid, &shown->config, shown->digest, &notes, err) < 0)
		return -1;
	warn_notes(&notes);
	shown->section =
		snapshot ? find_snapshot(shown->config, snapshot) : &shown->config->main;
	if (!shown->section)
		return fail(err, 0, "snapshot '%s' does not exist", snapshot);
	if (!snapshot && !current) {
		config_future(shown->config, &shown->keys);
		shown->env = future_env(shown->config);
	} else {
		section_keys(shown->section, &shown->keys);
		shown->env = section_get(shown->section, "env");
	}
	warn_invalid(&shown->keys);
	return 0;
}

int ct_config_text(unsigned vmid, bool current, const char *snapshot, struct strbuf *out,
		   struct error *err)
{
	auto_shown struct shown shown = { 0 };

	if (shown_load(vmid, current, snapshot, &shown, err) < 0)
		return -1;
	add_lines(&shown.keys, out);
	add_env(shown.env, out);
	add_raw(shown.section, out);
	return 0;
}

static struct json_t *raw_value(const struct section *section)
{
	struct json_t *list = value_list();

	for (size_t i = 0; i < section->raw_count; i++) {
		struct json_t *pair = value_list();

		value_add(pair, value_text(section->raw[i].key));
		value_add(pair, value_text(section->raw[i].value));
		value_add(list, pair);
	}
	return list;
}

/* The description as it was written: only the text form has it encoded. */
static struct json_t *shown_value(const struct keyval *entry)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (strcmp(entry->key, "description") != 0)
		return key_value(entry->key, entry->value);
	description_decode(slice(entry->value), &text);
	return value_text(text.at);
}

int ct_config_value(unsigned vmid, bool current, const char *snapshot, struct json_t **out,
		    struct error *err)
{
	auto_shown struct shown shown = { 0 };
	struct json_t *object;

	if (shown_load(vmid, current, snapshot, &shown, err) < 0)
		return -1;
	object = value_object();
	for (size_t i = 0; i < shown.keys.count; i++)
		value_set(object, shown.keys.at[i].key, shown_value(&shown.keys.at[i]));
	value_set(object, "env", key_value("env", shown.env));
	value_set(object, "digest", value_text(shown.digest));
	if (shown.section->raw_count)
		value_set(object, "lxc", raw_value(shown.section));
	*out = object;
	return 0;
}

int ct_pending_value(unsigned vmid, struct json_t **out, struct error *err)
{
	auto_config struct config *config = NULL;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	*out = pending_value(config);
	return 0;
}

int ct_snapshot_value(unsigned vmid, struct json_t **out, struct error *err)
{
	auto_config struct config *config = NULL;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	*out = snapshots_value(config);
	return 0;
}

int ct_pending_text(unsigned vmid, struct strbuf *out, struct error *err)
{
	auto_config struct config *config = NULL;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	pending_format(config, out);
	return 0;
}

int ct_snapshot_tree(unsigned vmid, struct strbuf *out, struct error *err)
{
	auto_config struct config *config = NULL;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	snaptree_format(config, out);
	return 0;
}

int ct_generate(unsigned vmid, struct strbuf *out, struct error *err)
{
	auto_config struct config *config = NULL;
	auto_lxc_facts struct lxc_facts *facts = NULL;
	auto_strbuf struct strbuf seccomp = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	const struct lxc_host *host;

	if (ct_load(vmid, &config, err) < 0 ||
	    lxc_facts_collect(config, &facts, &host, err) < 0 ||
	    lxc_generate(config, host, out, &seccomp, &notes, err) < 0)
		return -1;
	warn_notes(&notes);
	return 0;
}

int ct_must_exist(unsigned vmid, struct error *err)
{
	auto_config struct config *config = NULL;

	if (config_exists(vmid))
		return 0;
	return config_load(vmid, &config, NULL, err);
}

int ct_unlock(unsigned vmid, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0)
		return -1;
	if (!config_get(config, "lock"))
		return fail(err, 0, "no lock found trying to remove any lock");
	/* A snapshot or backup that was killed with its guardian has left it frozen. */
	if (ct_check_lock(config, "snapshot backup", err) == 0 && lxc_thaw(vmid, err) < 0)
		return -1;
	config_unset(config, "lock");
	if (config_save(config, err) < 0)
		return -1;
	task_announce("unlocked", "vzunlock", vmid);
	return 0;
}
