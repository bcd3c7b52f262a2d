/*
 * Snapshots as sections of a container's file: added, marked, taken out, put back
 * (ct-config.md 8). Pure functions; what they mean for volumes is the verbs' business.
 */
#pragma once

#include "config/config.h"

/* By exact name; NULL when there is none. Adding and removing others moves it. */
struct section *snapshot_find(const struct config *config, const char *name);

/* The same for a name that a user gave: "snapshot '<name>' does not exist". */
int snapshot_get(const struct config *config, const char *name, struct section **out,
		 struct error *err);

/*
 * Add the section of a snapshot that is being taken: a copy of the main one without what
 * is not part of its state, with time (seconds of the epoch) and snapstate "prepare".
 * Fails with "snapshot name '<name>' already used". A section that names it as its parent
 * already loses that reference; notes tell.
 */
int snapshot_add(struct config *config, const char *name, const char *description,
		 long long time, struct notes *notes, struct error *err);

/* "prepare", "delete", or NULL: it is whole. */
void snapshot_mark(struct section *section, const char *snapstate);

/* It is whole, and the present state descends from it. */
void snapshot_commit(struct config *config, const char *name);

/* Take it out. What descends from it descends from its parent now, if it has one. */
void snapshot_remove(struct config *config, const char *name);

/*
 * The snapshot's state as a configuration of its own, for what reads main sections: it
 * has neither pending changes nor snapshots. The caller frees it.
 */
struct config *snapshot_view(const struct config *config, const struct section *section);

/*
 * Make it the present state again. The description, the unusedN and the snapshots stay
 * as they are, pending changes are dropped, so is the lock.
 */
void snapshot_restore(struct config *config, const char *name);
