/*
 * The command words and the one-line usages (pct-cli.md 2.1, 3.1). Pure functions but
 * for usage_fail, which prints.
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/*
 * The command for a word: its name, its alias in full, or a unique prefix of a name.
 * NULL: none, or *is_ambiguous. Hidden commands want their full name.
 */
const struct command *command_find(const struct program *program, const char *word,
				   bool *is_ambiguous);

/* Whether the words are for the one command that the program is (struct program). */
bool command_is_implied(const struct program *program, const char *word);

/* "pct set <vmid> [OPTIONS]", without line break. */
void usage_short(const struct program *program, const struct command *command,
		 struct strbuf *out);

/* The same, with what goes beyond pct-cli.md: "pct list [<pattern>] [OPTIONS]". */
void usage_whole(const struct program *program, const struct command *command,
		 struct strbuf *out);

/* "USAGE: ..." and the groups of commands. */
void usage_list(const struct program *program, struct strbuf *out);

/* Print "ERROR: <reason>" and the list on stderr; returns the exit status. */
int usage_fail(const struct program *program, const char *fmt, ...) PRINTF(2, 3);
