/*
 * Making and removing volumes on a storage that is a directory of files (storage.md 3,
 * 6.1): the create and free operations of struct storage_type. What a guest put into
 * its directory is removed without following a link or crossing a mount.
 */
#pragma once

#include "storage/storage.h"

int dir_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int dir_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err);
