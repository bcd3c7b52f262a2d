/*
 * The options of one command: its positionals by name, its own rows and, with
 * CMD_CONFIG_KEYS, the container keys. Names match as pct-cli.md 2.2 says: any case,
 * any unique prefix, numbered options one by one. Pure functions.
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/* The row behind prev (NULL: the first) that is an option; NULL at the end. */
const struct prop *rows_next(const struct command *command, const struct prop *prev);

/* By name. */
void rows_sort(const struct prop **rows, size_t count);

/* Whether the row is one of the command's positionals. */
bool rows_is_positional(const struct command *command, const struct prop *row);

/* The row of an option name in its full form; NULL when there is none. */
const struct prop *rows_find(const struct command *command, const char *name);

/*
 * The row for a name as typed; *name is its full form, which the caller frees. NULL:
 * the complaint ("Unknown option: x" or "Option x is ambiguous (a, b)") was added.
 */
const struct prop *rows_match(const struct command *command, struct slice typed,
			      char **name, struct strbuf *complaints);
