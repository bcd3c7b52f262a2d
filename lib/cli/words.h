/*
 * The words behind a command, sorted into options and positionals by the grammar of
 * pct-cli.md 2.2. Values are not looked at here. Pure functions.
 */
#pragma once

#include "base/strbuf.h"
#include "cli/command.h"

/*
 * Fill call->given (a value-less option gets "") and call->extra. What is wrong is
 * added to complaints in the shapes of pct-cli.md 2.3, ending with the "400" line;
 * nothing added: all is well. words ends with NULL.
 */
void words_sort(struct call *call, char *const *words, struct strbuf *complaints);
