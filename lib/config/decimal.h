/*
 * Decimal numbers as users write them, "1.5", scaled by powers of two without
 * rounding errors. Pure functions; for the size grammars of this room.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Cut where digits and '.' end; both parts point into text. */
void decimal_split(struct slice text, struct slice *number, struct slice *rest);

/* digits, optionally '.' and digits. */
bool decimal_is_valid(struct slice text);

/* number * 2^shift, the fraction cut off; shift is at most 40. False when the text is
 * no such number or the result is above 2^63 - 1. */
bool decimal_scale(struct slice number, unsigned shift, uint64_t *out);
