/*
 * Names inside an archive: brought into the one form "a/b/c" below the root, or
 * refused, and made printable for messages. Pure.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct member_name {
	char text[PATH_MAX]; /* no "." or "..", no slash in front, behind or doubled */
	size_t len;          /* 0: the root itself */
	bool was_absolute;   /* a leading '/' was taken away */
};

/* Refuses empty names, names of PATH_MAX bytes and more, and any "..". */
int member_name_parse(const char *text, struct member_name *out, struct error *err);

/* Is one of its components ".."? */
bool member_name_climbs(const char *text);

/* Is it below the top-level directory dev, which a container fills by itself? */
bool member_name_is_device(const struct member_name *name);

/* The length of the part in front of the last component: 1 for "a/b", 0 for "a". */
size_t member_name_parent(const struct member_name *name);

/* The last component. */
const char *member_name_base(const struct member_name *name);

/*
 * A name from the archive for a message: other bytes than printable ASCII as \ooo, cut
 * after size - 1 bytes. Returns out.
 */
const char *printable(const char *text, char *out, size_t size);
