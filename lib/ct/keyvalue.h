/* Values of container keys for programs that read our results. Pure. */
#pragma once

#include "base/value.h"

/*
 * The text of a key as its row says: integers and booleans (0 and 1) are numbers, a key of
 * several lines is a list. What is invalid, or has no row, stays a text; NULL: NULL.
 */
struct json_t *key_value(const char *key, const char *text);
