/*
 * Completion of a command line (pct-cli.md 8), asked for by the files in conf/completion
 * through the hidden word "bashcomplete", which may be run by anyone.
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/*
 * The words that may stand at the end of line, one a line: commands, values of positionals
 * and options, and names of options behind a dash. line begins with the program and ends at
 * the cursor. typed is what the shell will replace: the last word, or only what stands
 * behind its "=".
 */
void complete_line(const struct program *program, const char *line, const char *typed,
		   struct strbuf *out);

/* The line comes from COMP_LINE and COMP_POINT. Returns the exit status. */
int complete_print(const struct program *program, const char *typed);
