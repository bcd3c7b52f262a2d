/*
 * Devices that a container gets from the host (runtime.md 3.2 steps 7 and 8): nodes of
 * its own, with the configured mode and owner, on a small tmpfs in
 * PATH_LXC/<id>/passthrough. The generated configuration binds them into /dev.
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"
#include "config/config.h"

/* Mount the tmpfs and make the nodes of all devN. */
int passthrough_make(const struct config *config, const struct idmap *map,
		     struct error *err);
