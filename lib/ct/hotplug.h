/* A volume mounted into a container that runs (runtime.md 5.4). */
#pragma once

#include "config/config.h"
#include "storage/storage.h"

/*
 * Mount the volume of that mpN of config. A failure leaves nothing mounted. The caller
 * holds the config lock.
 */
int hotplug_mount(const struct config *config, const char *key,
		  const struct storages *storages, struct error *err);
