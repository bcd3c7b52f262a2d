/*
 * Exclusive flock(2) locks, re-entrant inside one process: a second lock of the same
 * path only counts. A process that dies frees its locks; the files stay.
 */
#pragma once

#include "base/error.h"

struct lock {
	struct held_lock *held; /* NULL: not held */
};

/*
 * Take the lock, waiting timeout_s seconds at most. When it is not free at once,
 * "trying to acquire lock..." goes to stderr, then " OK"; on timeout the error is
 * "can't lock file '<path>' - got timeout" (pct-cli.md 2.3). The directory must exist.
 */
int lock_take(const char *path, unsigned timeout_s, struct lock *lock, struct error *err);

/* Take it only if it is free now; err->code is EWOULDBLOCK if it is not. No output. */
int lock_try(const char *path, struct lock *lock, struct error *err);

void lock_free(struct lock *lock);

/* The config lock of a container: PATH_LOCK/pve-config-<id>.lock. */
int lock_config(unsigned vmid, unsigned timeout_s, struct lock *lock, struct error *err);

/* As lock_try for that lock. */
int lock_config_try(unsigned vmid, struct lock *lock, struct error *err);

#define auto_lock __attribute__((cleanup(lock_free)))
