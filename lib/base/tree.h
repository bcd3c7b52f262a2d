/*
 * Deleting a directory tree by descriptor. It never follows a symlink and stops at
 * mount points and other file systems: what is mounted inside is not ours to delete.
 */
#pragma once

#include "base/error.h"

/*
 * Remove a file or a whole tree; a missing one is fine. path is relative to dirfd or
 * absolute; only its last component is not followed if it is a symlink. Immutable
 * entries and mount points are errors that name the entry.
 */
int tree_remove(int dirfd, const char *path, struct error *err);
