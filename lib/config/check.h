/*
 * Pieces of value checking that the files of this room share. Not for other rooms:
 * they use prop.h. Pure functions.
 */
#pragma once

#include "config/prop.h"

/*
 * An integer with optional sign. 0: *out is the value; 1 or -1: above or below what
 * a long long holds; -2: no integer.
 */
int integer_parse(struct slice text, long long *out);

/*
 * Split and check a property string. values (GROUP_MAX of them, by row) get the texts;
 * absent ones have at == NULL. False when it is wrong: then either reason has a text,
 * or members has problems, sorted.
 */
bool group_check(struct slice text, const struct prop *rows, struct slice *values,
		 struct problems *members, struct strbuf *reason);
