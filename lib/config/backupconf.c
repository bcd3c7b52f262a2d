#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/backup.h"

/* A shell's words: blanks part them, quotes and backslashes keep them together. */
struct splitter {
	struct slice rest;
	struct strbuf word;
	char quote;
	bool inside, escaped;
};

static void take(struct splitter *at, char c)
{
	at->inside = true;
	if (at->escaped) {
		strbuf_addc(&at->word, c);
		at->escaped = false;
	} else if (c == '\\' && at->quote != '\'') {
		at->escaped = true;
	} else if (at->quote ? c == at->quote : c == '"' || c == '\'') {
		at->quote = at->quote ? '\0' : c;
	} else {
		strbuf_addc(&at->word, c);
	}
}

/* The next word is in at->word; false at the end. What is open at the end ends there. */
static bool next_word(struct splitter *at)
{
	strbuf_cut(&at->word, 0);
	at->inside = false;
	while (at->rest.len > 0) {
		char c = at->rest.at[0];
		bool is_blank = (c == ' ' || c == '\t') && !at->quote && !at->escaped;

		at->rest = slice_from(at->rest, 1);
		if (is_blank && at->inside)
			return true;
		if (!is_blank)
			take(at, c);
	}
	return at->inside;
}

static void add_line(struct keyvals *out, const char *key, const char *value)
{
	const char *before = keyvals_get(out, key);
	auto_free char *joined =
		before ? xasprintf("%s\n%s", before, value) : xstrdup(value);

	keyvals_set(out, key, joined);
}

static void add_patterns(struct keyvals *out, const char *key, struct slice value)
{
	struct splitter at = { .rest = value, .word = STRBUF_INIT };

	while (next_word(&at))
		add_line(out, key, at.word.at);
	strbuf_done(&at.word);
}

static void add_option(struct slice key, struct slice value, struct keyvals *out,
		       struct notes *warnings)
{
	const struct prop *row = prop_find(backup_props, key);
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	struct slice text;

	if (!row)
		return;
	if (row->flags & PROP_REPEAT) {
		add_patterns(out, row->name, value);
		return;
	}
	if (prop_check(row, row->name, value, &problems, &normal) == 0) {
		keyvals_set(out, row->name, normal.at);
		return;
	}
	text = slice_trim(slice(problems.at[0].text));
	notes_add(warnings, "vzdump.conf: ignoring '%s': " SLICE_FMT, row->name,
		  SLICE_ARG(text));
}

void backup_conf_parse(struct slice text, struct keyvals *out, struct notes *warnings)
{
	struct slice line;

	while (slice_line(&text, &line)) {
		struct slice value, key;

		line = slice_trim(line);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		key = slice_trim(slice_cut(line, ':', &value));
		if (value.at)
			add_option(key, slice_trim(value), out, warnings);
		else
			notes_add(warnings, "vzdump.conf: unable to parse '" SLICE_FMT "'",
				  SLICE_ARG(line));
	}
}

/* The union of both, the file's first. */
static void merge_patterns(const struct keyvals *given, struct keyvals *merged)
{
	const char *more = keyvals_get(given, "exclude-path");

	if (more)
		add_line(merged, "exclude-path", more);
}

/* Only one of them can be, and one on the command line is meant instead of both. */
static void choose_target(const struct keyvals *given, struct keyvals *merged,
			  struct notes *warnings)
{
	if (keyvals_get(given, "storage") || keyvals_get(given, "dumpdir")) {
		keyvals_unset(merged, "storage");
		keyvals_unset(merged, "dumpdir");
	} else if (keyvals_get(merged, "storage") && keyvals_get(merged, "dumpdir")) {
		notes_add(warnings, "vzdump.conf: both 'storage' and 'dumpdir' are set - "
				    "ignoring 'dumpdir'");
		keyvals_unset(merged, "dumpdir");
	}
}

static bool has_storage(const struct backup_options *options)
{
	return options->storage || (!options->dumpdir && options->to_stdout <= 0);
}

/* What only a storage can keep. */
static void drop_marks(const struct keyvals *given, struct backup_options *options)
{
	if (has_storage(options))
		return;
	if (!keyvals_get(given, "notes-template"))
		free_ptr(&options->notes);
	if (!keyvals_get(given, "protected"))
		options->protect = 0;
}

void backup_options_merge(const struct keyvals *given, const struct keyvals *conf,
			  struct backup_options *out, char **conf_prune,
			  struct notes *warnings)
{
	auto_keyvals struct keyvals merged = { 0 };

	keyvals_copy(&merged, conf);
	*conf_prune = xstrdup(keyvals_get(conf, "prune-backups"));
	keyvals_unset(&merged, "prune-backups");
	choose_target(given, &merged, warnings);
	merge_patterns(given, &merged);
	for (size_t i = 0; i < given->count; i++)
		if (strcmp(given->at[i].key, "exclude-path") != 0)
			keyvals_set(&merged, given->at[i].key, given->at[i].value);
	view_init(backup_props, out);
	for (size_t i = 0; i < merged.count; i++) {
		const struct prop *row = prop_find(backup_props, slice(merged.at[i].key));

		if (row)
			view_set(row, out, merged.at[i].value);
	}
	drop_marks(given, out);
}

static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=+@%";

	return text[0] && text[strspn(text, plain)] == '\0';
}

static void add_quoted(struct slice text, struct strbuf *out)
{
	auto_free char *word = slice_dup(text);

	if (is_plain(word)) {
		strbuf_adds(out, word);
		return;
	}
	strbuf_addc(out, '\'');
	for (const char *c = word; *c; c++)
		if (*c == '\'')
			strbuf_adds(out, "'\\''");
		else
			strbuf_addc(out, *c);
	strbuf_addc(out, '\'');
}

void backup_command_line(const unsigned *ids, size_t count, const struct keyvals *given,
			 struct strbuf *out)
{
	strbuf_adds(out, "vzdump");
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, " %u", ids[i]);
	for (size_t i = 0; i < given->count; i++) {
		const struct prop *row = prop_find(backup_props, slice(given->at[i].key));
		struct slice rest = slice(given->at[i].value), value;

		do {
			value = row && row->flags & PROP_REPEAT
					? slice_cut(rest, '\n', &rest)
					: rest;
			strbuf_addf(out, " --%s ", given->at[i].key);
			add_quoted(value, out);
		} while (row && row->flags & PROP_REPEAT && rest.at);
	}
}
