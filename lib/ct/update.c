#include "ct/update.h"

#include "base/own.h"
#include "ct/pending.h"

static bool is_known(const char *key)
{
	return prop_find(container_props, slice(key)) != NULL;
}

static void refuse_both(const char *option, const char *list_option, const char *key,
			struct problems *problems)
{
	problems_add(problems, list_option,
		     "you can't use '-%s' and -%s %s' at the same time", option,
		     list_option, key);
}

static void check_key(const struct changes *changes, const char *option, const char *key,
		      bool is_delete, struct problems *problems)
{
	if (!is_known(key))
		problems_add(problems, option, "unknown option '%s'", key);
	else if (keyvals_get(changes->set, key))
		refuse_both(key, option, key, problems);
	else if (is_delete && slice_has_word(slice(changes->revert), key))
		refuse_both("revert", option, key, problems);
}

void changes_check(const struct changes *changes, struct problems *problems)
{
	const struct {
		const char *name, *list;
		bool is_delete;
	} options[] = { { "revert", changes->revert, false },
			{ "delete", changes->delete, true } };

	for (size_t i = 0; i < 2; i++) {
		struct slice list = slice(options[i].list), word;

		while (slice_word(&list, &word)) {
			auto_free char *key = slice_dup(word);

			check_key(changes, options[i].name, key, options[i].is_delete,
				  problems);
		}
	}
}

void changes_keys(const struct changes *changes, struct keyvals *out)
{
	struct slice list = slice(changes->delete), word;

	keyvals_copy(out, changes->set);
	while (slice_word(&list, &word)) {
		auto_free char *key = slice_dup(word);

		keyvals_set(out, key, "");
	}
}

static int check_protection(const struct config *config, const struct prop *row,
			    const char *verb, const char *key, struct error *err)
{
	if (!(row->flags & PROP_VOLUME) || !config_bool(config, "protection"))
		return 0;
	return fail(err, 0, "can't %s CT %u drive '%s' - protection mode enabled", verb,
		    config->vmid, key);
}

static void revert(struct config *config, const char *key)
{
	section_drop(&config->pending, key);
	pending_drop_delete(config, key);
}

static int queue_delete(struct config *config, const char *key, struct notes *notes,
			struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	auto_free char *now = section_get(&config->main, key);
	auto_free char *then = section_get(&config->pending, key);

	if (!now && !then) {
		notes_add(notes, "cannot delete '%s' - not set in current configuration!",
			  key);
		return 0;
	}
	if (row->flags & PROP_UNDELETABLE)
		return fail(err, 0, "unable to delete required option '%s'", key);
	if (row->flags & PROP_CREATE_ONLY)
		return fail(err, 0, "unable to delete read-only option: '%s'", key);
	if (check_protection(config, row, "remove", key, err) < 0)
		return -1;
	/* What waited for the key goes with it: it would come right after the deletion. */
	if (now)
		section_drop(&config->pending, key);
	pending_add_delete(config, key);
	return 0;
}

static int queue_set(struct config *config, const struct keyval *change,
		     const struct update_host *host, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(change->key));
	auto_strbuf struct strbuf stored = STRBUF_INIT;

	if (row->flags & PROP_CREATE_ONLY)
		return fail(err, 0, "unable to modify read-only option: '%s'", change->key);
	if (check_protection(config, row, "update", change->key, err) < 0 ||
	    host->prepare(host->arg, change->key, change->value, &stored, err) < 0)
		return -1;
	section_put(&config->pending, change->key, stored.at);
	pending_drop_delete(config, change->key);
	return 0;
}

int update_queue(struct config *config, const struct changes *changes,
		 const struct update_host *host, struct notes *notes, struct error *err)
{
	struct slice reverts = slice(changes->revert), deletes = slice(changes->delete);
	struct slice word;

	while (slice_word(&reverts, &word)) {
		auto_free char *key = slice_dup(word);

		revert(config, key);
	}
	while (slice_word(&deletes, &word)) {
		auto_free char *key = slice_dup(word);

		if (queue_delete(config, key, notes, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < changes->set->count; i++)
		if (queue_set(config, &changes->set->at[i], host, err) < 0)
			return -1;
	pending_clean_up(config);
	return 0;
}
