/*
 * The guest's part of a start: its files, written for its configuration. The pre-start
 * hook does it at every start, `pct setup` alone.
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "config/config.h"

/* rootfd: the container's root, all volumes mounted. Warnings in notes. */
int setup_apply(const struct config *config, const struct idmap *map, int rootfd,
		struct notes *notes, struct error *err);
