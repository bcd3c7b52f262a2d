/* Pending changes of a container that does not run: in start, stop and the stop hook. */
#pragma once

#include "config/config.h"

/*
 * Put all of them into effect and save. Entries that fail stay and are told in notes. The
 * caller holds the config lock. Returns 1 when there were any, 0 when not.
 */
int ct_apply_pending(struct config *config, struct notes *notes, struct error *err);

/*
 * The same for the container's file, and write its LXC configuration again. Nothing is
 * done while the container has a monitor.
 */
int ct_settle(unsigned vmid, struct notes *notes, struct error *err);

/*
 * Write the LXC configuration again. What keeps that from being done (a missing bridge)
 * is told by the next start, which does it again.
 */
void ct_regenerate(const struct config *config);
