/*
 * From the words of a command line to the command's struct: the order of work of
 * pct-cli.md 2.2. Asks for passwords and reads the files that file options name;
 * touches nothing else.
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/*
 * Read words (ended by NULL) into call, whose command and options are set. Returns 0,
 * or -1 with either usage (the "400 ..." lines, line break at the end, to be followed
 * by the short usage) or err filled. Release with options_done either way.
 */
int options_read(struct call *call, char *const *words, struct strbuf *usage,
		 struct error *err);
void options_done(struct call *call);
