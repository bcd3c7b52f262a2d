#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "cli/password.h"
#include "cli/rows.h"
#include "cli/select.h"
#include "cli/words.h"

#define OPTION_FILE_MAX (1024 * 1024)

static void replace(struct keyval *given, const char *value)
{
	char *old = given->value;

	given->value = xstrdup(value);
	free(old);
}

static int ask_passwords(struct call *call, struct error *err)
{
	for (size_t i = 0; i < call->given.count; i++) {
		struct keyval *given = &call->given.at[i];
		const struct prop *row = rows_find(call->command, given->key);
		auto_free char *password = NULL;

		if (!(row->flags & PROP_VALUE_OPTIONAL) || given->value[0])
			continue;
		if (password_read(&password, err) < 0)
			return -1;
		replace(given, password);
	}
	return 0;
}

/* False: one is no boolean. */
static bool convert_booleans(struct call *call)
{
	for (size_t i = 0; i < call->given.count; i++) {
		struct keyval *given = &call->given.at[i];
		int value;

		if (rows_find(call->command, given->key)->type != PROP_BOOL)
			continue;
		value = given->value[0] ? bool_parse(slice(given->value)) : 1;
		if (value < 0)
			return false;
		replace(given, value ? "1" : "0");
	}
	return true;
}

/* The user's own file: it may be a symlink or a pipe, as in <(command). */
static int read_option_file(const char *path, struct strbuf *text, struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail(err, 0, "can't open '%s' - %s", path, strerror(errno));
	if (read_all(fd, OPTION_FILE_MAX, text, err) < 0)
		return fail_in(err, "can't read '%s'", path);
	return 0;
}

static int read_files(struct call *call, struct error *err)
{
	for (size_t i = 0; i < call->given.count; i++) {
		struct keyval *given = &call->given.at[i];
		auto_strbuf struct strbuf text = STRBUF_INIT;

		if (!(rows_find(call->command, given->key)->flags & PROP_FILE))
			continue;
		if (read_option_file(given->value, &text, err) < 0)
			return -1;
		replace(given, text.at);
	}
	return 0;
}

/* The command's own rows, which point into its struct; container keys do not. */
static void store_own(struct call *call, const struct prop *rows)
{
	for (; rows && rows->name; rows++) {
		const struct prop one[] = { *rows, { 0 } };
		const char *text = keyvals_get(&call->given, rows->name);

		if (rows->flags & PROP_EXTRA)
			continue;
		view_init(one, call->options);
		if (text)
			view_set(rows, call->options, text);
	}
}

static bool is_own(const struct prop *rows, const struct prop *row)
{
	for (; rows && rows->name; rows++)
		if (rows == row)
			return true;
	return false;
}

static void check_given(struct call *call, struct problems *problems)
{
	const struct command *command = call->command;

	for (size_t i = 0; i < call->given.count; i++) {
		struct keyval *given = &call->given.at[i];
		const struct prop *row = rows_find(command, given->key);
		auto_strbuf struct strbuf normal = STRBUF_INIT;

		if (prop_check(row, given->key, slice(given->value), problems, &normal) < 0)
			continue;
		if (call->program->check_value)
			call->program->check_value(given->key, normal.at, problems);
		replace(given, normal.at);
		if (!is_own(command->args, row) && !is_own(command->options, row))
			keyvals_set(&call->config, given->key, normal.at);
	}
}

static void check_presence(const struct call *call, struct problems *problems)
{
	const struct prop *row = call->command->options;

	for (; row && row->name; row++) {
		bool given = keyvals_get(&call->given, row->name) != NULL;

		if (!given && row->flags & PROP_REQUIRED)
			problems_add(problems, row->name,
				     "property is missing and it is not optional");
		if (given && row->requires && !keyvals_get(&call->given, row->requires))
			problems_add(problems, row->requires,
				     "missing property required by '%s'", row->name);
	}
}

static int check(struct call *call, struct strbuf *usage, struct error *err)
{
	auto_problems struct problems problems = { 0 };
	bool is_many = call->command->flags & CMD_MANY && call->extra[0];

	check_given(call, &problems);
	check_presence(call, &problems);
	if (is_many && select_containers(call->extra, call->command->args->name, &call->ids,
					 &call->id_count, &problems, err) < 0)
		return -1;
	if (problems.count == 0)
		return 0;
	strbuf_adds(usage, "400 Parameter verification failed.\n");
	problems_format(&problems, usage);
	return -1;
}

int options_read(struct call *call, char *const *words, struct strbuf *usage,
		 struct error *err)
{
	words_sort(call, words, usage);
	if (usage->len || ask_passwords(call, err) < 0)
		return -1;
	if (!convert_booleans(call)) {
		strbuf_adds(usage, "400 unable to parse boolean option\n");
		return -1;
	}
	if (read_files(call, err) < 0 || check(call, usage, err) < 0)
		return -1;
	store_own(call, call->command->args);
	store_own(call, call->command->options);
	return 0;
}

static void release_own(const struct prop *rows, void *options)
{
	for (; rows && rows->name; rows++) {
		const struct prop one[] = { *rows, { 0 } };

		if (!(rows->flags & PROP_EXTRA))
			view_done(one, options);
	}
}

void options_done(struct call *call)
{
	if (call->command->release)
		call->command->release(call->options);
	release_own(call->command->args, call->options);
	release_own(call->command->options, call->options);
	keyvals_done(&call->given);
	keyvals_done(&call->config);
	free_words(&call->extra);
	free_ptr(&call->ids);
}
