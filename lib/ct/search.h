/* May the container's root reach a directory of the host? (runtime.md 3.3) */
#pragma once

#include "base/error.h"
#include "base/idmap.h"

/*
 * Fails with the first parent of path that the mapped root may not search. Drops the
 * calling process's supplementary groups, as liblxc does for the container.
 */
int search_check(const char *path, const struct idmap *map, struct error *err);
