/*
 * Long work on a container that `lock:` in its file protects, not the config lock: other
 * commands refuse then, and a crash leaves the mark for the user to see (ct-config.md 9).
 * The file itself is read and written under the config lock, shortly.
 */
#pragma once

#include "base/lock.h"
#include "config/config.h"

/* Set the mark and save; the caller holds the config lock and found no mark. */
int mark_set(struct config *config, const char *mark, struct error *err);

/*
 * Take the config lock and load the container, which still has the mark: otherwise
 * somebody has removed it, and whatever we were at is not ours any more.
 */
int mark_open(unsigned vmid, const char *mark, struct lock *lock, struct config **config,
	      struct error *err);

/* Take the mark away. */
int mark_clear(unsigned vmid, const char *mark, struct error *err);

/* The lock of migrations, which snapshots may not change beneath: 10 s. */
int migration_lock(unsigned vmid, struct lock *lock, struct error *err);
