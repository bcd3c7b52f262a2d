#include "cli/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/sort.h"
#include "config/schema.h"

#define LISTS 3

static const struct prop *list_of(const struct command *command, unsigned index)
{
	switch (index) {
	case 0: return command->args;
	case 1: return command->options;
	default: return command->flags & CMD_CONFIG_KEYS ? container_props : NULL;
	}
}

static bool is_option(const struct prop *row)
{
	return (row->flags & (PROP_EXTRA | PROP_INTERNAL)) == 0;
}

const struct prop *rows_next(const struct command *command, const struct prop *prev)
{
	bool passed = prev == NULL;

	for (unsigned i = 0; i < LISTS; i++) {
		for (const struct prop *row = list_of(command, i); row && row->name;
		     row++) {
			if (passed && is_option(row))
				return row;
			passed = passed || row == prev;
		}
	}
	return NULL;
}

static int by_name(const void *left, const void *right)
{
	const struct prop *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

void rows_sort(const struct prop **rows, size_t count)
{
	if (count)
		qsort(rows, count, sizeof(*rows), by_name);
}

bool rows_is_positional(const struct command *command, const struct prop *row)
{
	for (const struct prop *arg = command->args; arg && arg->name; arg++)
		if (arg == row)
			return true;
	return false;
}

/* "net3" of the row "net" with count 32; a name without number of the others. */
static bool is_name_of(const struct prop *row, struct slice name)
{
	size_t len = strlen(row->name);
	uint64_t number;

	if (row->count == 0)
		return slice_is_nocase(name, row->name);
	if (name.len <= len || !slice_is_nocase(slice_of(name.at, len), row->name))
		return false;
	name = slice_from(name, len);
	return slice_number(name, 0, row->count - 1, &number) &&
	       (name.len == 1 || name.at[0] != '0');
}

static const struct prop *find_exact(const struct command *command, struct slice name)
{
	for (unsigned i = 0; i < LISTS; i++)
		for (const struct prop *row = list_of(command, i); row && row->name; row++)
			if (is_option(row) && is_name_of(row, name))
				return row;
	return NULL;
}

const struct prop *rows_find(const struct command *command, const char *name)
{
	return find_exact(command, slice(name));
}

static char *lower(struct slice text)
{
	char *copy = slice_dup(text);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* The full name in the schema's spelling, whatever case was typed. */
static char *full_name(const struct prop *row, struct slice typed)
{
	size_t len = strlen(row->name);

	if (row->count == 0)
		return xstrdup(row->name);
	return xasprintf("%s" SLICE_FMT, row->name, SLICE_ARG(slice_from(typed, len)));
}

struct candidates {
	char **names; /* owned, lower case */
	size_t count;
	const struct prop *row; /* of the last one */
};

static void add_candidate(struct candidates *found, const struct prop *row, char *name)
{
	found->names = xreallocarray(found->names, found->count + 2, sizeof(*found->names));
	found->names[found->count++] = name;
	found->names[found->count] = NULL;
	found->row = row;
}

static void find_candidates(const struct command *command, const char *typed,
			    struct candidates *found)
{
	size_t len = strlen(typed);

	for (unsigned i = 0; i < LISTS; i++) {
		for (const struct prop *row = list_of(command, i); row && row->name;
		     row++) {
			if (!is_option(row) || strncasecmp(row->name, typed, len) != 0)
				continue;
			if (row->count == 0)
				add_candidate(found, row, lower(slice(row->name)));
			for (unsigned n = 0; n < row->count; n++)
				add_candidate(found, row, xasprintf("%s%u", row->name, n));
		}
	}
}

static void complain(const char *typed, const struct candidates *found,
		     struct strbuf *complaints)
{
	if (found->count == 0) {
		strbuf_addf(complaints, "Unknown option: %s\n", typed);
		return;
	}
	sort_texts(found->names, found->count);
	strbuf_addf(complaints, "Option %s is ambiguous (", typed);
	for (size_t i = 0; i < found->count; i++)
		strbuf_addf(complaints, "%s%s", i ? ", " : "", found->names[i]);
	strbuf_adds(complaints, ")\n");
}

const struct prop *rows_match(const struct command *command, struct slice typed,
			      char **name, struct strbuf *complaints)
{
	const struct prop *row = find_exact(command, typed);
	struct candidates found = { 0 };
	auto_words char **names = NULL;
	auto_free char *text = NULL;

	if (row) {
		*name = full_name(row, typed);
		return row;
	}
	text = lower(typed);
	find_candidates(command, text, &found);
	names = found.names;
	if (found.count != 1) {
		complain(text, &found, complaints);
		return NULL;
	}
	*name = full_name(found.row, slice(names[0]));
	return found.row;
}
