#include "cli/manual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "cli/describe.h"
#include "cli/rows.h"
#include "cli/type_text.h"
#include "cli/usage.h"
#include "cli/wrap.h"
#include "config/schema.h"
#include "config/settings.h"

/* Text in quotes, as the argument of a macro; blanks at its end are cut. */
static void add_quoted(const char *text, struct strbuf *out)
{
	struct slice trimmed = slice_trim(slice(text));

	strbuf_addc(out, '"');
	for (size_t i = 0; i < trimmed.len; i++) {
		if (trimmed.at[i] == '\\')
			strbuf_adds(out, "\\e");
		else if (trimmed.at[i] == '"')
			strbuf_adds(out, "\\(dq");
		else
			strbuf_addc(out, trimmed.at[i]);
	}
	strbuf_addc(out, '"');
}

/* A dot or quote at the start of a text line is no macro. */
static void add_line(struct slice line, struct strbuf *out)
{
	if (line.len && (line.at[0] == '.' || line.at[0] == '\''))
		strbuf_adds(out, "\\&");
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == '\\')
			strbuf_adds(out, "\\e");
		else
			strbuf_addc(out, line.at[i]);
	}
	strbuf_addc(out, '\n');
}

/* In short lines, as mdoc wants them. */
static void add_sentence(struct slice sentence, struct strbuf *out)
{
	auto_strbuf struct strbuf wrapped = STRBUF_INIT;
	auto_free char *text = slice_dup(sentence);
	struct slice rest, line;

	wrap_text(text, 0, 0, &wrapped);
	rest = strbuf_slice(&wrapped);
	while (slice_line(&rest, &line))
		add_line(line, out);
}

/* Each begins a new line, as mdoc wants it, too. */
static void add_sentences(const char *text, struct strbuf *out)
{
	const char *end;

	while ((end = strstr(text, ". ")) != NULL) {
		add_sentence(slice_of(text, (size_t)(end + 1 - text)), out);
		text = end + 2;
	}
	add_sentence(slice(text), out);
}

static void add_default(const struct prop *row, struct strbuf *out)
{
	if (!row->fallback)
		return;
	strbuf_adds(out, "The default is\n.Ql ");
	add_quoted(row->fallback, out);
	strbuf_adds(out, " .\n");
}

static void add_body(const struct prop *row, struct strbuf *out)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	describe_row(row, &text);
	add_sentences(text.at, out);
	add_default(row, out);
	if (row->requires)
		strbuf_addf(out, "It goes only together with\n.Fl -%s .\n", row->requires);
}

static void add_type(const struct prop *row, struct strbuf *out)
{
	auto_strbuf struct strbuf type = STRBUF_INIT;

	type_text(row, &type);
	add_quoted(type.at, out);
	strbuf_addc(out, '\n');
}

/* One list: each row by add_item, in the order of names. */
static void add_list(const struct prop *rows,
		     void (*add_item)(const struct prop *row, struct strbuf *out),
		     struct strbuf *out)
{
	auto_free const struct prop **sorted = NULL;
	size_t count = 0;

	while (rows && rows[count].name)
		count++;
	if (count == 0)
		return;
	sorted = xcalloc(count, sizeof(*sorted));
	for (size_t i = 0; i < count; i++)
		sorted[i] = &rows[i];
	rows_sort(sorted, count);
	strbuf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++)
		add_item(sorted[i], out);
	strbuf_adds(out, ".El\n");
}

static void add_option(const struct prop *row, struct strbuf *out)
{
	strbuf_addf(out, ".It Fl -%s Ar ", row->name);
	add_type(row, out);
	add_body(row, out);
}

static void add_sub_key(const struct prop *row, struct strbuf *out)
{
	strbuf_addf(out, ".It Ic %s= Ns Ar ", row->name);
	add_type(row, out);
	add_body(row, out);
	if (row->flags & PROP_REQUIRED)
		strbuf_adds(out, "It is required.\n");
}

/* The type of a group is the list of its sub-keys. */
static void add_key(const struct prop *row, struct strbuf *out)
{
	strbuf_addf(out, row->count ? ".It Ic %s0" : ".It Ic %s", row->name);
	if (row->count)
		strbuf_addf(out, " No to Ic %s%u", row->name, row->count - 1);
	if (row->members) {
		strbuf_addc(out, '\n');
	} else {
		strbuf_adds(out, " Ar ");
		add_type(row, out);
	}
	add_body(row, out);
	add_list(row->members, add_sub_key, out);
}

void manual_options(const struct command *command, struct strbuf *out)
{
	add_list(command->options, add_option, out);
}

void manual_keys(const struct prop *rows, struct strbuf *out)
{
	add_list(rows, add_key, out);
}

int manual_print(const struct program *program, const char *what)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	const struct command *command;
	bool is_ambiguous;

	if (strcmp(what, "--keys") == 0) {
		manual_keys(container_props, &out);
	} else if (strcmp(what, "--settings") == 0) {
		manual_keys(settings_props, &out);
	} else {
		command = command_find(program, what, &is_ambiguous);
		if (!command || strcmp(command->name, what) != 0)
			return usage_fail(program, "unknown command '%s'", what);
		manual_options(command, &out);
	}
	fwrite(out.at, 1, out.len, stdout);
	return CLI_OK;
}
