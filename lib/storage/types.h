/*
 * The list of storage types: each backend's row, and rows without operations for the
 * types that are only known by name (storage.md 2.4). Constant data.
 */
#pragma once

#include "storage/storage.h"

extern const struct storage_type storage_dir;

/* By exact name; NULL when no such type is known. */
const struct storage_type *storage_type_find(const char *name);

/* A type without operations may stand in storage.cfg but cannot be used. */
bool storage_type_is_usable(const struct storage_type *type);
