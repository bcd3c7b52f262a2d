/*
 * A piece of text by pointer and length: how parsers look at their input without
 * copying or changing it. A slice owns nothing and may hold NUL bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *at;
	size_t len;
};

#define SLICE_FMT    "%.*s"
#define SLICE_ARG(s) (int)(s).len, (s).at

struct slice slice(const char *text); /* a whole C string; NULL: empty */
struct slice slice_of(const char *at, size_t len);
bool slice_is(struct slice s, const char *text);        /* equal, byte for byte */
bool slice_is_nocase(struct slice s, const char *text); /* equal but for ASCII case */
bool slice_starts(struct slice s, const char *prefix);
bool slice_ends(struct slice s, const char *suffix);
struct slice slice_from(struct slice s, size_t start); /* empty past the end */

/* Cut at the first sep: the part before it; *rest is what follows (at = NULL: no sep). */
struct slice slice_cut(struct slice s, char sep, struct slice *rest);

/* Without the ASCII white space (blank \t \n \v \f \r) at both ends. */
struct slice slice_trim(struct slice s);

/* The next line without its LF; false when *text is used up. Advances *text. */
bool slice_line(struct slice *text, struct slice *line);

/* The next word of a list separated by ',', ';' or white space; false at the end. */
bool slice_word(struct slice *list, struct slice *word);
bool slice_has_word(struct slice list, const char *wanted);

/* A copy as C string, which the caller frees. NUL bytes inside end it early. */
char *slice_dup(struct slice s);

/* True when every byte is one of ASCII digits and there is at least one. */
bool slice_is_digits(struct slice s);

/* How many ASCII digits it starts with. */
size_t slice_digits(struct slice s);

/* Digits only, within min..max; false (and *out untouched) otherwise. */
bool slice_number(struct slice s, uint64_t min, uint64_t max, uint64_t *out);
