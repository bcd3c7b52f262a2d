/* A container's volumes as mounts: config keys -> storage paths -> mount plan. */
#pragma once

#include "base/notes.h"
#include "config/config.h"
#include "mount/mount.h"
#include "storage/storage.h"

/* The mount plan of all volumes in their order; storages are activated. */
int volumes_plan(const struct config *config, const struct storages *all, unsigned flags,
		 struct mount_plan *plan, struct notes *notes, struct error *err);
