/*
 * Id-mapped mounts, the pure part: which user namespace makes the files of one volume
 * appear with the ids that its idmap option asks for (runtime.md 4.5, ct-config.md 5.1).
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"

/*
 * The map of that namespace, from ids on disk (its .ct) to ids of the host. list is
 * "passthrough", for the container's own map, or "u:<container id>:<id on disk>:<count>"
 * entries separated by ';': ids that none of them names are on disk as on the host.
 * Entries that overlap or cannot be read are errors, as is a map of more than IDMAP_MAX
 * ranges; what the container's map does not have is left out.
 */
int mount_idmap(const char *list, const struct idmap *container, struct idmap *out,
		struct error *err);

/*
 * The ids on disk that root of the container has in a mount with that list (NULL: without
 * one), for the owner of a new volume. That of the host where the list does not tell.
 */
int mount_idmap_root(const char *list, const struct idmap *container, uint32_t *uid,
		     uint32_t *gid, struct error *err);
