/* Users and groups of a guest by name, from its own files, read as mere text. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

/* Digits only, as an id: -1 as uid_t is none. */
bool account_number(const char *text, long long *id);

/* The id in the line of that name of a passwd(5) or group(5) text. */
bool account_in(struct slice text, const char *name, long long *id);

/* The same of a file below root. 0, or -1 when it is not there. */
int account_find(int root, const char *path, const char *name, long long *id);
