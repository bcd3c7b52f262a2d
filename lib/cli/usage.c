#include "cli/usage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/type_text.h"

static bool is_exact(const struct command *command, const char *word)
{
	return strcmp(command->name, word) == 0 ||
	       (command->alias && strcmp(command->alias, word) == 0);
}

const struct command *command_find(const struct program *program, const char *word,
				   bool *is_ambiguous)
{
	const struct command *found = NULL;
	size_t len = strlen(word);
	unsigned matches = 0;

	*is_ambiguous = false;
	for (const struct command *const *at = program->commands; *at; at++) {
		if (is_exact(*at, word))
			return *at;
		if (!((*at)->flags & CMD_HIDDEN) && strncmp((*at)->name, word, len) == 0) {
			matches++;
			found = *at;
		}
	}
	*is_ambiguous = matches > 1;
	return matches == 1 ? found : NULL;
}

bool command_is_implied(const struct program *program, const char *word)
{
	const struct command *first = program->commands[0];

	return strcmp(first->name, program->name) == 0 &&
	       (!word || strcmp(word, "help") != 0);
}

static void add_positionals(const struct command *command, unsigned hidden,
			    struct strbuf *out)
{
	const char *blank = "";

	for (const struct prop *row = command->args; row && row->name; row++) {
		bool required = row->flags & PROP_REQUIRED;

		if (row->flags & hidden)
			continue;
		strbuf_addf(out, required ? "%s<%s>" : "%s[<%s>]", blank, row->name);
		blank = " ";
	}
}

/* Required options are told by name, the others as "[OPTIONS]". */
static void add_options(const struct command *command, unsigned hidden, struct strbuf *out)
{
	bool has_optional = command->flags & CMD_CONFIG_KEYS;

	for (const struct prop *row = command->options; row && row->name; row++) {
		if (row->flags & PROP_REQUIRED) {
			strbuf_addf(out, " --%s ", row->name);
			type_text(row, out);
		} else if (!(row->flags & hidden)) {
			has_optional = true;
		}
	}
	if (has_optional)
		strbuf_adds(out, " [OPTIONS]");
}

/* hidden: flags of rows that it does not tell about. */
static void add_usage(const struct program *program, const struct command *command,
		      unsigned hidden, struct strbuf *out)
{
	/* The blank stands also where no argument follows: "pct list ". */
	strbuf_addf(out, "%s ", program->name);
	if (strcmp(command->name, program->name) != 0)
		strbuf_addf(out, "%s ", command->name);
	add_positionals(command, hidden, out);
	add_options(command, hidden, out);
}

void usage_short(const struct program *program, const struct command *command,
		 struct strbuf *out)
{
	add_usage(program, command, PROP_BEYOND, out);
}

void usage_whole(const struct program *program, const struct command *command,
		 struct strbuf *out)
{
	add_usage(program, command, 0, out);
}

void usage_list(const struct program *program, struct strbuf *out)
{
	unsigned group = 0;

	strbuf_addf(out, "USAGE: %s <COMMAND> [ARGS] [OPTIONS]\n", program->name);
	for (const struct command *const *at = program->commands; *at; at++) {
		if ((*at)->flags & CMD_HIDDEN)
			continue;
		if ((*at)->group != group)
			strbuf_addc(out, '\n');
		group = (*at)->group;
		strbuf_adds(out, "       ");
		usage_short(program, *at, out);
		strbuf_addc(out, '\n');
	}
}

int usage_fail(const struct program *program, const char *fmt, ...)
{
	auto_strbuf struct strbuf list = STRBUF_INIT;
	va_list ap;

	usage_list(program, &list);
	fputs("ERROR: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n%s", list.at);
	return CLI_FAILED;
}
