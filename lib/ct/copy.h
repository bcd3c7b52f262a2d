/*
 * The files of one volume into another (storage.md 8.4), in a process with mounts of its
 * own: whatever happens to it, no mount and no loop device outlives it.
 */
#pragma once

#include <stdbool.h>

#include "storage/volume.h"

struct volume_copy {
	const char *source, *snap; /* volume id, and its snapshot; NULL: as it is now */
	const char *target;        /* volume id of one that is empty */
	unsigned vmid;             /* in whose directory of PATH_LXC both are mounted */
	uint64_t limit_kib;        /* KiB/s; 0: no limit */
	bool sync; /* the copy is on the disk in the end: for who deletes the source then */
};

/*
 * Nobody may write to the source meanwhile. Tells on stdout how far it is, on a terminal
 * in one line, and in the end how much was copied.
 */
int volume_copy(const struct storages *storages, const struct volume_copy *copy,
		struct error *err);
