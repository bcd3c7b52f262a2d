/* How fast volumes may be moved (storage.md 2.6). Pure. */
#pragma once

#include "storage/storage.h"

/*
 * KiB/s for an operation ("clone", "move", "restore", "migration") between these storages,
 * of which NULL ones are left out: the smallest limit that one of them has for it, or by
 * default; 0: none has. asked is the user's --bwlimit, negative without one, and wins.
 */
uint64_t bwlimit_find(double asked, const char *operation, const struct storage *source,
		      const struct storage *target);

/* The same for a copy of a volume: from its storage to target. */
int bwlimit_of_copy(const struct storages *all, double asked, const char *operation,
		    const char *volid, const struct storage *target, uint64_t *limit_kib,
		    struct error *err);
