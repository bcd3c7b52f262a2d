/*
 * A volume mounted into a container that runs (runtime.md 5.4), or taken out of it; a
 * device put into it (5.5).
 */
#pragma once

#include "config/config.h"
#include "storage/storage.h"

/*
 * Mount the volume of that mpN of config. A failure leaves nothing mounted. The caller
 * holds the config lock.
 */
int hotplug_mount(const struct config *config, const char *key,
		  const struct storages *storages, struct error *err);

/*
 * The other way. A volume that the guest uses, or has done something else with, stays as it
 * is; killed, the same call again goes on.
 */
int hotplug_unmount(const struct config *config, const char *key,
		    const struct storages *storages, struct error *err);

/*
 * Give the container the device of that devN, its value; it cannot be taken away again
 * before the stop.
 */
int hotplug_device(const struct config *config, const char *key, const char *value,
		   struct error *err);
