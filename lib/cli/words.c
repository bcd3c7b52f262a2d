#include "cli/words.h"

#include <string.h>

#include "base/own.h"
#include "cli/rows.h"
#include "cli/select.h"

struct sorter {
	struct call *call;
	char *const *next; /* the word to look at */
	const char **positional;
	size_t positional_count;
	struct strbuf *complaints;
};

static void give(struct keyvals *given, const struct prop *row, const char *name,
		 const char *value)
{
	const char *before = keyvals_get(given, name);
	auto_free char *joined = NULL;

	if (before && row->flags & (PROP_LIST | PROP_REPEAT))
		joined = xasprintf(row->flags & PROP_LIST ? "%s,%s" : "%s\n%s", before,
				   value);
	keyvals_set(given, name, joined ? joined : value);
}

/* A lone "-" is a word; only "-x" and "--" are not taken by an option that can go without.
 */
static bool looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* The option's value, "" for none where it may be missing; NULL: required and missing. */
static const char *take_value(struct sorter *sorter, const struct prop *row,
			      const char *attached)
{
	bool optional = row->type == PROP_BOOL || row->flags & PROP_VALUE_OPTIONAL;

	if (attached)
		return *attached || optional ? attached : NULL;
	if (!*sorter->next)
		return optional ? "" : NULL;
	if (optional && looks_like_option(*sorter->next))
		return "";
	return *sorter->next++;
}

static void sort_option(struct sorter *sorter, const char *word)
{
	const char *text = word + (word[1] == '-' ? 2 : 1);
	const char *equals = *text ? strchr(text + 1, '=') : NULL;
	struct slice typed =
		slice_of(text, equals ? (size_t)(equals - text) : strlen(text));
	auto_free char *name = NULL;
	const struct prop *row =
		rows_match(sorter->call->command, typed, &name, sorter->complaints);
	const char *value;

	if (!row)
		return;
	value = take_value(sorter, row, equals ? equals + 1 : NULL);
	if (value)
		give(&sorter->call->given, row, name, value);
	else
		strbuf_addf(sorter->complaints, "Option %s requires an argument\n", name);
}

static void sort_words(struct sorter *sorter)
{
	bool options = true;

	while (*sorter->next) {
		const char *word = *sorter->next++;

		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && looks_like_option(word))
			sort_option(sorter, word);
		else
			sorter->positional[sorter->positional_count++] = word;
	}
}

static char **copy_words(const char *const *words, size_t count)
{
	char **copy = xcalloc(count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(words[i]);
	return copy;
}

/* More than one plain id: all words are left to select.h. */
static bool names_many(const struct sorter *sorter)
{
	return sorter->call->command->flags & CMD_MANY &&
	       (sorter->positional_count > 1 ||
		(sorter->positional_count == 1 &&
		 select_is_group(slice(sorter->positional[0]))));
}

/* Words overwrite a positional that was given by name. */
static void name_positionals(struct sorter *sorter)
{
	const struct prop *row = sorter->call->command->args;
	size_t at = 0;

	if (names_many(sorter)) {
		keyvals_unset(&sorter->call->given, row->name);
		sorter->call->extra =
			copy_words(sorter->positional, sorter->positional_count);
		return;
	}
	for (; row && row->name; row++) {
		if (row->flags & PROP_EXTRA) {
			sorter->call->extra = copy_words(sorter->positional + at,
							 sorter->positional_count - at);
			at = sorter->positional_count;
		} else if (at < sorter->positional_count) {
			keyvals_set(&sorter->call->given, row->name,
				    sorter->positional[at++]);
		} else if (row->flags & PROP_REQUIRED) {
			strbuf_adds(sorter->complaints, "400 not enough arguments\n");
			return;
		}
	}
	if (at < sorter->positional_count)
		strbuf_adds(sorter->complaints, "400 too many arguments\n");
}

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

void words_sort(struct call *call, char *const *words, struct strbuf *complaints)
{
	auto_free const char **positional =
		xcalloc(count_words(words) + 1, sizeof(*positional));
	struct sorter sorter = { .call = call,
				 .next = words,
				 .positional = positional,
				 .complaints = complaints };

	sort_words(&sorter);
	if (complaints->len)
		strbuf_adds(complaints, "400 unable to parse option\n");
	else
		name_positionals(&sorter);
}
