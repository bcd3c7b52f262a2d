/* What the values of options need on this host, asked before anything changes. */
#pragma once

#include "config/config.h"
#include "storage/storage.h"

/*
 * Storages of rootfs and mpN exist and hold container directories, id maps do not
 * overlap, devices, scripts and bridges are there. Fails in the spec's words.
 */
int change_check(const char *key, const char *value, const struct storages *storages,
		 struct error *err);
