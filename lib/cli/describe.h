/* What help and the manuals say about a row, in the same words. Pure functions. */
#pragma once

#include "base/strbuf.h"
#include "config/prop.h"

/*
 * The row's help and what its length and flags mean for a user, as sentences with one
 * blank between them. Type, range and default are not told.
 */
void describe_row(const struct prop *row, struct strbuf *out);
