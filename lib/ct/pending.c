#include "ct/pending.h"

#include <string.h>

#include "base/own.h"
#include "ct/keyvalue.h"

#define DELETE "delete"

void pending_deletes(const struct config *config, struct keyvals *out)
{
	struct slice list = slice(keyvals_get(&config->pending.keys, DELETE)), word;

	while (slice_word(&list, &word)) {
		bool forced = slice_starts(word, "!");
		auto_free char *key = slice_dup(forced ? slice_from(word, 1) : word);

		keyvals_set(out, key, forced ? "!" : "");
	}
}

static void write_deletes(struct config *config, const struct keyvals *deletes)
{
	auto_strbuf struct strbuf list = STRBUF_INIT;

	for (size_t i = 0; i < deletes->count; i++)
		strbuf_addf(&list, "%s%s%s", i ? "," : "", deletes->at[i].value,
			    deletes->at[i].key);
	if (list.len)
		keyvals_set(&config->pending.keys, DELETE, list.at);
	else
		keyvals_unset(&config->pending.keys, DELETE);
}

void pending_add_delete(struct config *config, const char *key)
{
	auto_keyvals struct keyvals deletes = { 0 };

	pending_deletes(config, &deletes);
	if (keyvals_get(&deletes, key))
		return;
	keyvals_set(&deletes, key, "");
	write_deletes(config, &deletes);
}

void pending_drop_delete(struct config *config, const char *key)
{
	auto_keyvals struct keyvals deletes = { 0 };

	pending_deletes(config, &deletes);
	if (!keyvals_get(&deletes, key))
		return;
	keyvals_unset(&deletes, key);
	write_deletes(config, &deletes);
}

bool pending_is_empty(const struct config *config)
{
	auto_keyvals struct keyvals names = { 0 };

	section_names(&config->pending, &names);
	return names.count == 0;
}

static bool is_current(const struct config *config, const char *key)
{
	auto_free char *now = section_get(&config->main, key);
	auto_free char *then = section_get(&config->pending, key);

	return now && then && strcmp(now, then) == 0;
}

void pending_clean_up(struct config *config)
{
	auto_keyvals struct keyvals names = { 0 }, deletes = { 0 };

	section_names(&config->pending, &names);
	for (size_t i = 0; i < names.count; i++)
		if (strcmp(names.at[i].key, DELETE) != 0 &&
		    is_current(config, names.at[i].key))
			section_drop(&config->pending, names.at[i].key);
	pending_deletes(config, &deletes);
	for (size_t i = 0; i < deletes.count; i++) {
		auto_free char *now = section_get(&config->main, deletes.at[i].key);

		if (!now)
			pending_drop_delete(config, deletes.at[i].key);
	}
}

/* A key of several lines is told line by line. */
static void add_line(const char *word, const char *key, const char *value,
		     struct strbuf *out)
{
	struct slice rest = slice(value), line;

	while (slice_line(&rest, &line))
		strbuf_addf(out, "%s %s: " SLICE_FMT "\n", word, key, SLICE_ARG(line));
}

static char *shown_value(const struct section *section, const char *key)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (strcmp(key, "description") != 0)
		return section_get(section, key);
	if (!section->description)
		return NULL;
	description_encode(slice(section->description), &text);
	return strbuf_take(&text);
}

static void add_key(const struct config *config, const struct keyvals *deletes,
		    const char *key, struct strbuf *out)
{
	auto_free char *now = shown_value(&config->main, key);
	auto_free char *then = shown_value(&config->pending, key);
	bool goes = keyvals_get(deletes, key) != NULL;

	if (now)
		add_line(goes ? "del" : "cur", key, now, out);
	if (then && !goes)
		add_line("new", key, then, out);
}

/* The names of all keys that are set now or then. */
static void all_names(const struct config *config, struct keyvals *out)
{
	section_names(&config->main, out);
	section_names(&config->pending, out);
	keyvals_unset(out, DELETE);
}

void pending_format(const struct config *config, struct strbuf *out)
{
	auto_keyvals struct keyvals names = { 0 }, deletes = { 0 };

	all_names(config, &names);
	pending_deletes(config, &deletes);
	for (size_t i = 0; i < names.count; i++)
		add_key(config, &deletes, names.at[i].key, out);
}

static struct json_t *change_value(const struct config *config,
				   const struct keyvals *deletes, const char *key)
{
	auto_free char *now = section_get(&config->main, key);
	auto_free char *then = section_get(&config->pending, key);
	const char *goes = keyvals_get(deletes, key);
	struct json_t *change;

	/* As in the text, a key that is not there does not go either. */
	if (!now && goes)
		return NULL;
	change = value_object();
	value_set(change, "key", value_text(key));
	value_set(change, "value", key_value(key, now));
	if (goes)
		value_set(change, "delete", value_int(*goes == '!' ? 2 : 1));
	else
		value_set(change, "pending", key_value(key, then));
	return change;
}

struct json_t *pending_value(const struct config *config)
{
	auto_keyvals struct keyvals names = { 0 }, deletes = { 0 };
	struct json_t *list = value_list();

	all_names(config, &names);
	pending_deletes(config, &deletes);
	for (size_t i = 0; i < names.count; i++)
		value_add(list, change_value(config, &deletes, names.at[i].key));
	return list;
}
