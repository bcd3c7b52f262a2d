#include "cli/complete.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "cli/rows.h"
#include "cli/usage.h"

struct completion {
	const struct program *program;
	const struct command *command;
	char **words; /* all of the line; the last one is being typed */
	size_t count;
	unsigned vmid; /* the first positional that is an id; 0: none */
	size_t positionals;
	const struct prop *value_of; /* the option whose value is being typed; or NULL */
	bool options_ended;
	struct slice start; /* what candidates begin with */
	const char *prefix; /* printed before each of them */
	struct strbuf *out;
};

static void add_word(struct completion *at, struct strbuf *word)
{
	at->words = xreallocarray(at->words, at->count + 2, sizeof(*at->words));
	at->words[at->count++] = strbuf_take(word);
	at->words[at->count] = NULL;
}

/* As a shell does it, but for expansions; an open quote or word goes up to the end. */
static void split(struct completion *at, const char *line)
{
	auto_strbuf struct strbuf word = STRBUF_INIT;
	bool inside = false;
	char quote = '\0';

	for (; *line; line++) {
		if (quote ? *line == quote : *line == '"' || *line == '\'') {
			quote = quote ? '\0' : *line;
			inside = true;
		} else if (!quote && (*line == ' ' || *line == '\t')) {
			if (inside)
				add_word(at, &word);
			inside = false;
		} else {
			if (*line == '\\' && quote != '\'' && line[1])
				line++;
			strbuf_addc(&word, *line);
			inside = true;
		}
	}
	add_word(at, &word);
}

static void offer(const struct completion *at, struct slice candidate)
{
	if (candidate.len && candidate.len >= at->start.len &&
	    memcmp(candidate.at, at->start.at, at->start.len) == 0)
		strbuf_addf(at->out, "%s" SLICE_FMT "\n", at->prefix, SLICE_ARG(candidate));
}

static void offer_commands(const struct completion *at)
{
	for (const struct command *const *c = at->program->commands; *c; c++)
		if (!((*c)->flags & CMD_HIDDEN))
			offer(at, slice((*c)->name));
}

/* Which containers the command is for. */
static enum prop_offer narrowed(const struct completion *at, enum prop_offer kind)
{
	if (kind == OFFER_GUEST && at->command->flags & CMD_RUNNING)
		return OFFER_RUNNING;
	if (kind == OFFER_GUEST && at->command->flags & CMD_STOPPED)
		return OFFER_STOPPED;
	return kind;
}

static void offer_of_host(const struct completion *at, enum prop_offer kind)
{
	auto_strbuf struct strbuf found = STRBUF_INIT;
	struct slice rest, line;

	at->program->offer(narrowed(at, kind), at->vmid, &found);
	rest = strbuf_slice(&found);
	while (slice_line(&rest, &line))
		offer(at, line);
}

static void offer_values(const struct completion *at, const struct prop *row)
{
	if (row->type == PROP_BOOL) {
		offer(at, slice("0"));
		offer(at, slice("1"));
	}
	for (const char *const *choice = row->choices; choice && *choice; choice++)
		offer(at, slice(*choice));
	if (row->offers == OFFER_COMMAND)
		offer_commands(at);
	else if (row->offers != OFFER_NOTHING && at->program->offer)
		offer_of_host(at, row->offers);
}

/* All numbers only once "--net" is there in full: up to then "--net0" stands for them. */
static void offer_option(const struct completion *at, const struct prop *row)
{
	auto_strbuf struct strbuf name = STRBUF_INIT;
	unsigned count = row->count;
	size_t len;

	strbuf_addf(&name, "--%s", row->name);
	if (count == 0) {
		offer(at, strbuf_slice(&name));
		return;
	}
	len = name.len;
	if (at->start.len < len)
		count = 1;
	for (unsigned i = 0; i < count; i++) {
		strbuf_cut(&name, len);
		strbuf_addf(&name, "%u", i);
		offer(at, strbuf_slice(&name));
	}
}

static void offer_options(const struct completion *at)
{
	const struct prop *row = NULL;

	while ((row = rows_next(at->command, row)) != NULL)
		if (!rows_is_positional(at->command, row))
			offer_option(at, row);
}

static bool looks_like_option(const struct completion *at, const char *word)
{
	return !at->options_ended && word[0] == '-';
}

/* The row of "--name" or "-name", up to "=" if there is one. */
static const struct prop *option_of(const struct completion *at, const char *word)
{
	auto_strbuf struct strbuf complaints = STRBUF_INIT;
	auto_free char *name = NULL;
	struct slice rest, typed = slice(word + (word[1] == '-' ? 2 : 1));

	return rows_match(at->command, slice_cut(typed, '=', &rest), &name, &complaints);
}

static bool may_go_without(const struct prop *row)
{
	return row->type == PROP_BOOL || row->flags & PROP_VALUE_OPTIONAL;
}

/* One word before the one that is typed; what it makes of that one. */
static void pass(struct completion *at, const char *word)
{
	const struct prop *row = at->value_of;
	uint64_t number;

	at->value_of = NULL;
	if (row && (!looks_like_option(at, word) || !may_go_without(row)))
		return;
	if (!at->options_ended && strcmp(word, "--") == 0) {
		at->options_ended = true;
	} else if (looks_like_option(at, word)) {
		at->value_of = strchr(word, '=') ? NULL : option_of(at, word);
	} else {
		if (at->positionals++ == 0 &&
		    slice_number(slice(word), VMID_MIN, VMID_MAX, &number))
			at->vmid = (unsigned)number;
	}
}

/* Its last row goes on for all words if it may. */
static const struct prop *positional_row(const struct completion *at)
{
	const struct prop *row = at->command->args;

	for (size_t i = 0; row && row->name; row++, i++)
		if (i == at->positionals || row->flags & PROP_EXTRA)
			return row;
	return NULL;
}

/* Up to its last comma a list is there already; only the last value is completed. */
static void complete_value(struct completion *at, const struct prop *row)
{
	auto_free char *whole = slice_dup(at->start), *before = NULL;
	const char *comma = strrchr(whole, ',');
	const char *prefix = at->prefix;

	if (row->flags & PROP_LIST && comma) {
		size_t len = (size_t)(comma + 1 - whole);

		before = xasprintf("%s%.*s", prefix, (int)len, whole);
		at->prefix = before;
		at->start = slice_from(at->start, len);
	}
	offer_values(at, row);
	at->prefix = prefix;
}

/* "--cmode=t": the shell replaces the whole word or what is behind the "=". */
static void complete_attached(struct completion *at, char *word, const char *typed)
{
	const struct prop *row = option_of(at, word);
	bool is_whole = strcmp(word, typed) == 0;
	char *value = strchr(word, '=') + 1;
	auto_free char *name = xstrndup(word, (size_t)(value - word));

	at->start = slice(value);
	at->prefix = is_whole ? name : "";
	if (row)
		complete_value(at, row);
	at->prefix = "";
}

static void complete_word(struct completion *at, const char *typed)
{
	char *word = at->words[at->count - 1];
	const struct prop *row;

	for (size_t i = 2; i + 1 < at->count; i++)
		pass(at, at->words[i]);
	at->start = slice(word);
	if (looks_like_option(at, word)) {
		if (strchr(word, '='))
			complete_attached(at, word, typed);
		else
			offer_options(at);
		return;
	}
	row = at->value_of ? at->value_of : positional_row(at);
	if (row)
		complete_value(at, row);
}

void complete_line(const struct program *program, const char *line, const char *typed,
		   struct strbuf *out)
{
	struct completion at = { .program = program, .prefix = "", .out = out };
	auto_words char **words = NULL;
	bool is_ambiguous;

	split(&at, line);
	words = at.words;
	at.start = slice(words[at.count - 1]);
	if (at.count >= 2 && command_is_implied(program, words[1]) &&
	    strcmp(words[1], program->name) != 0) {
		auto_free char *whole = xasprintf("%s %s", program->name, line);

		complete_line(program, whole, typed, out);
		return;
	}
	if (at.count == 2)
		offer_commands(&at);
	if (at.count < 3)
		return;
	at.command = command_find(program, words[1], &is_ambiguous);
	if (at.command)
		complete_word(&at, typed);
}

/* Warnings would land in the line that is being typed. */
static void be_quiet(void)
{
	auto_close int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDERR_FILENO);
}

int complete_print(const struct program *program, const char *typed)
{
	const char *line = getenv("COMP_LINE"), *point = getenv("COMP_POINT");
	auto_strbuf struct strbuf out = STRBUF_INIT;
	auto_free char *before = NULL;
	struct error err;
	uint64_t end;

	if (!line || path_init(&err) < 0)
		return CLI_FAILED;
	if (!slice_number(slice(point), 0, strlen(line), &end))
		end = strlen(line);
	before = xstrndup(line, end);
	be_quiet();
	complete_line(program, before, typed, &out);
	fwrite(out.at, 1, out.len, stdout);
	return CLI_OK;
}
