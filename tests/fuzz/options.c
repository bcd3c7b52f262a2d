/*
 * Command lines of create and set: the first byte chooses the command, the rest is its
 * words, each ended by NUL or LF. What is refused says why; what is taken is in stored
 * form, which is taken again and stays the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../pct/pct.h"
#include "base/own.h"
#include "cli/options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MAX 256

static const struct program program = { .name = "pct" };
static struct command commands[2];

/* The command with options whose values are texts, never names of files to read. */
static struct command without_files(const struct command *from)
{
	struct command command = *from;
	struct prop *rows = NULL;
	size_t count = 0;

	do {
		rows = xreallocarray(rows, count + 1, sizeof(*rows));
		rows[count] = from->options[count];
		rows[count].flags &= ~(unsigned)PROP_FILE;
	} while (from->options[count++].name);
	command.options = rows;
	return command;
}

/* A password that is asked for is read from stdin, which has none. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!freopen("/dev/null", "r", stdin))
		abort();
	commands[0] = without_files(&cmd_set);
	commands[1] = without_files(&cmd_create);
	return 0;
}

struct reading {
	struct call call;
	struct strbuf usage;
	int status;
};

static void read_words(const struct command *command, char *const *words,
		       struct reading *reading)
{
	struct error err = { 0 };

	*reading = (struct reading){ .usage = STRBUF_INIT };
	reading->call.program = &program;
	reading->call.command = command;
	reading->call.options = xcalloc(1, command->options_size);
	reading->status = options_read(&reading->call, words, &reading->usage, &err);
	if (reading->status == 0 ? reading->usage.len != 0
				 : !reading->usage.len && !err.text[0])
		abort();
	if (reading->usage.len && reading->usage.at[reading->usage.len - 1] != '\n')
		abort();
}

static void reading_done(struct reading *reading)
{
	options_done(&reading->call);
	free_ptr(&reading->call.options);
	strbuf_done(&reading->usage);
}
#define auto_reading __attribute__((cleanup(reading_done)))

static bool is_positional(const struct command *command, const char *name)
{
	return prop_find(command->args, slice(name)) != NULL;
}

/* The options by name, then "--" and the positionals as words. */
static char **stored_words(const struct call *call)
{
	const struct keyvals *given = &call->given;
	char **words = xcalloc(2 * given->count + 2, sizeof(*words));
	size_t count = 0;

	for (size_t i = 0; i < given->count; i++) {
		if (is_positional(call->command, given->at[i].key))
			continue;
		if (given->at[i].value[0]) {
			words[count++] =
				xasprintf("--%s=%s", given->at[i].key, given->at[i].value);
			continue;
		}
		words[count++] = xasprintf("--%s", given->at[i].key);
		words[count++] = xstrdup("");
	}
	words[count++] = xstrdup("--");
	for (const struct prop *row = call->command->args; row->name; row++)
		words[count++] = xstrdup(keyvals_get(given, row->name));
	return words;
}

static void expect_same(const struct keyvals *one, const struct keyvals *other)
{
	if (one->count != other->count)
		abort();
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->at[i].key, other->at[i].key) != 0 ||
		    strcmp(one->at[i].value, other->at[i].value) != 0)
			abort();
}

static void read_again(const struct call *call)
{
	auto_words char **words = stored_words(call);
	auto_reading struct reading again = { 0 };

	read_words(call->command, words, &again);
	if (again.status < 0)
		abort();
	expect_same(&call->given, &again.call.given);
	expect_same(&call->config, &again.call.config);
}

static char **split(struct slice text)
{
	char **words = xcalloc(WORDS_MAX + 1, sizeof(*words));
	size_t len;

	for (size_t count = 0; text.len && count < WORDS_MAX; count++) {
		for (len = 0; len < text.len && text.at[len] && text.at[len] != '\n';)
			len++;
		words[count] = slice_dup(slice_of(text.at, len));
		text = slice_from(text, len + 1);
	}
	return words;
}

static void try_words(const struct command *command, char *const *words)
{
	auto_reading struct reading reading = { 0 };

	read_words(command, words, &reading);
	if (reading.status == 0)
		read_again(&reading.call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_words char **words = NULL;

	if (size == 0)
		return 0;
	words = split(slice_of((const char *)data + 1, size - 1));
	try_words(&commands[data[0] % 2], words);
	return 0;
}
