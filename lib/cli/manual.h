/*
 * The lists of options and keys in man/, printed from the rows as mdoc. man/expand.sh
 * puts them where a page has a line
 *	.\" OPTIONS pct create
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/* The options of a command but for container keys; nothing when it has none. */
void manual_options(const struct command *command, struct strbuf *out);

/* A list of keys with their sub-keys: CTID.conf, the settings file. */
void manual_keys(const struct prop *rows, struct strbuf *out);

/*
 * The hidden word "manual": prints the options of the command called what, or the keys
 * of CTID.conf for "--keys" and of the settings file for "--settings". Returns the exit
 * status; it may be run by anyone.
 */
int manual_print(const struct program *program, const char *what);
