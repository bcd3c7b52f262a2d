/*
 * Snapshots of raw images as files that share their blocks (FICLONE), on storages with
 * the property reflink: "vm-100-disk-0.raw@<snap>" beside the image. Each is made under
 * a temporary name and renamed (storage/place.h), a rollback too: the image is the old
 * or the new one, never half.
 */
#pragma once

#include "storage/storage.h"

int reflink_snapshot(const struct storage *st, const char *volname, const char *snap,
		     struct error *err);
int reflink_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			    struct error *err);
int reflink_can_roll_back(const struct storage *st, const char *volname, const char *snap,
			  struct notes *newer, struct error *err);
int reflink_roll_back(const struct storage *st, const char *volname, const char *snap,
		      struct error *err);
