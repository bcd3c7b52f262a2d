/*
 * Which members a backup leaves out (backup.md 5.2): GNU tar's rules for --exclude with
 * wildcards that match slashes. Pure.
 */
#pragma once

#include <stdbool.h>

/*
 * Whether one of the patterns (NULL at the end) matches the member "./a/b". One that
 * starts with a slash is compared with the whole name, another one from any component on;
 * a match of a directory covers everything below.
 */
bool pack_is_excluded(const char *const *patterns, const char *member);
