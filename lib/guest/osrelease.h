/* The file os-release(5), read as guest-setup.md 3.4 says. A pure function. */
#pragma once

#include <stdbool.h>

#include "base/strbuf.h"

/* Append the value of the last line that sets name; false: there is none. */
bool osrelease_get(struct slice text, const char *name, struct strbuf *value);
