/*
 * What a file has besides its bytes: owner, mode, extended attributes (user.*, trusted.*,
 * security.* with capabilities, POSIX ACLs), times. Ids are taken as they are.
 */
#pragma once

#include <sys/stat.h>

#include "base/error.h"

/* Of a regular file or directory. Do it last: it sets the times. */
int copy_attrs(int from, int to, const struct stat *info, struct error *err);

/* Of anything else, by its name in two directories; a symlink is not followed. */
int copy_attrs_at(int from_dir, int to_dir, const char *name, const struct stat *info,
		  struct error *err);
