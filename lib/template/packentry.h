/*
 * What a member's header says besides its name and stat: attributes, ACLs, holes. Paths
 * are one component in the working directory, which nobody else changes.
 */
#pragma once

#include <archive_entry.h>

#include "base/error.h"

/* user.* and security.capability; symlinks and file systems without them have none. */
int entry_add_attributes(struct archive_entry *entry, const char *path, struct error *err);

/* The access ACL, and a directory's default one, when they say more than the mode. */
int entry_add_acls(struct archive_entry *entry, const char *path, struct error *err);

/* The parts of a file that hold data, if there are holes. */
int entry_add_holes(struct archive_entry *entry, int fd, int64_t size, struct error *err);
