#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "cli/describe.h"
#include "cli/rows.h"
#include "cli/type_text.h"
#include "cli/usage.h"
#include "cli/wrap.h"

#define COMMAND_INDENT 2
#define ROW_INDENT     13

struct help_options {
	int verbose;
};

static const struct prop help_args[] = {
	{ .name = "extra-args",
	  .type = PROP_TEXT,
	  .help = "Shows help for a specific command.",
	  .type_text = "<array>",
	  .flags = PROP_EXTRA,
	  .offers = OFFER_COMMAND },
	{ 0 },
};

static const struct prop help_options[] = {
	{ .name = "verbose",
	  .type = PROP_BOOL,
	  .offset = AT(help_options, verbose),
	  .help = "Verbose output format: descriptions and all options.",
	  .fallback = "1" },
	{ 0 },
};

static char *shown_name(const struct command *command, const struct prop *row)
{
	if (rows_is_positional(command, row))
		return xasprintf("<%s>", row->name);
	return xasprintf(row->count ? "--%s[n]" : "--%s", row->name);
}

static void add_row(const struct command *command, const struct prop *row,
		    struct strbuf *out)
{
	auto_strbuf struct strbuf line = STRBUF_INIT, text = STRBUF_INIT;
	auto_free char *name = shown_name(command, row);

	strbuf_addf(&line, "  %-10s ", name);
	type_text(row, &line);
	if (row->fallback)
		strbuf_addf(&line, "   (default=%s)", row->fallback);
	wrap_text(line.at, 0, ROW_INDENT, out);
	describe_row(row, &text);
	wrap_text(text.at, ROW_INDENT, ROW_INDENT, out);
	if (row->requires)
		strbuf_addf(out, "%*sRequires option(s): %s\n", ROW_INDENT, "",
			    row->requires);
	strbuf_addc(out, '\n');
}

static void add_options(const struct command *command, struct strbuf *out)
{
	auto_free const struct prop **rows = NULL;
	const struct prop *row = NULL;
	size_t count = 0;

	while ((row = rows_next(command, row)) != NULL) {
		if (rows_is_positional(command, row))
			continue;
		rows = xreallocarray(rows, count + 1, sizeof(*rows));
		rows[count++] = row;
	}
	rows_sort(rows, count);
	for (size_t i = 0; i < count; i++)
		add_row(command, rows[i], out);
}

static void add_full(const struct program *program, const struct command *command,
		     struct strbuf *out)
{
	strbuf_adds(out, "USAGE: ");
	usage_whole(program, command, out);
	strbuf_adds(out, "\n\n");
	wrap_text(command->help, COMMAND_INDENT, COMMAND_INDENT, out);
	strbuf_addc(out, '\n');
	for (const struct prop *row = command->args; row && row->name; row++)
		add_row(command, row, out);
	add_options(command, out);
}

static int compare_commands(const void *a, const void *b)
{
	return strcmp((*(const struct command *const *)a)->name,
		      (*(const struct command *const *)b)->name);
}

/* All commands that help shows, by name; NULL at the end. */
static const struct command **sorted_commands(const struct program *program)
{
	const struct command **list;
	size_t all = 0, count = 0;

	while (program->commands[all])
		all++;
	list = xcalloc(all + 1, sizeof(*list));
	for (size_t i = 0; i < all; i++)
		if (!(program->commands[i]->flags & CMD_HIDDEN))
			list[count++] = program->commands[i];
	qsort(list, count, sizeof(*list), compare_commands);
	return list;
}

static void add_help(const struct program *program, const struct command *const *list,
		     bool verbose, struct strbuf *out)
{
	for (size_t i = 0; list[i]; i++) {
		if (verbose) {
			add_full(program, list[i], out);
			continue;
		}
		strbuf_adds(out, i ? "       " : "USAGE: ");
		usage_short(program, list[i], out);
		strbuf_addc(out, '\n');
	}
	if (!verbose)
		strbuf_addc(out, '\n');
}

static char *joined(char *const *words)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; words[i]; i++)
		strbuf_addf(&text, "%s%s", i ? " " : "", words[i]);
	return strbuf_take(&text);
}

static int help_all(const struct call *call, bool verbose, struct strbuf *out)
{
	auto_free const struct command **list = sorted_commands(call->program);

	add_help(call->program, list, verbose, out);
	return CLI_OK;
}

static int help_one(const struct call *call, bool verbose, struct strbuf *out)
{
	auto_free char *name = joined(call->extra);
	const struct command *list[2] = { NULL, NULL };
	bool ambiguous;

	list[0] = command_find(call->program, name, &ambiguous);
	if (!list[0])
		return usage_fail(call->program, "%s command '%s'",
				  ambiguous ? "incomplete" : "unknown", name);
	add_help(call->program, list, verbose, out);
	return CLI_OK;
}

static int help(struct call *call, struct error *err)
{
	const struct help_options *options = call->options;
	auto_strbuf struct strbuf out = STRBUF_INIT;

	(void)err;
	call->status = call->extra[0] ? help_one(call, options->verbose, &out)
				      : help_all(call, options->verbose, &out);
	fwrite(out.at, 1, out.len, stdout);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.group = 6,
	.help = "Get help about specified command.",
	.args = help_args,
	.options = help_options,
	.options_size = sizeof(struct help_options),
	.run = help,
};
