/* The volumes of a container that is becoming two: for ct_clone alone. */
#pragma once

#include "base/idmap.h"
#include "config/config.h"
#include "ct/ct.h"
#include "storage/volume.h"

/* One container becoming two. */
struct cloning {
	const struct clone_request *request;
	struct config *state;  /* what is cloned: the container, or a snapshot of it */
	struct config *config; /* the new one's; every volume in it is its own */
	struct storages storages;
	struct idmap map;
	bool full;
};

/* Where a full copy of the volume goes; it is ready for use. */
int clone_target(const struct cloning *cloning, const char *volid,
		 const struct storage **st, struct error *err);

/*
 * Make them all, in their order, and tell each on stdout. Their ids are in the saved
 * configuration before there are such volumes, so that a destroy after a crash finds them.
 */
int clone_volumes(struct cloning *cloning, struct error *err);

/* Free those that the new configuration has; missing ones are fine. */
int clone_free_volumes(const struct cloning *cloning, struct error *err);
