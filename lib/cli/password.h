/* Asking for a new password, on a terminal or from a script (pct-cli.md 5, create). */
#pragma once

#include "base/error.h"

/*
 * Two times the same password from stdin: with prompts on stderr and an asterisk for
 * each character if it is a terminal, else two lines. The caller frees *out.
 */
int password_read(char **out, struct error *err);
