/*
 * Making and removing volumes on a storage that is a directory of files (storage.md 3,
 * 6.1). A new volume gets its name when it is whole, and one to remove loses it first
 * (storage/place.h). What a guest put into its directory is removed without following a
 * link or crossing a mount.
 */
#pragma once

#include "storage/place.h"
#include "storage/type.h"

int dir_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int dir_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err);

/* The operations for imports: an entry of the owner's place with a temporary name. */
int dir_stage(const struct storage *st, const char *volname, uint64_t size_kib,
	      struct volume_stage *out, struct error *err);
int dir_publish(const struct storage *st, const struct volume_stage *stage,
		const char *volname, struct error *err);
int dir_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err);

/* Remove one file or tree of a place. */
int dir_remove_entry(const struct place *place, const char *name, struct error *err);

/* Fails above what a file's size can be. */
int image_size_check(uint64_t size_kib, struct error *err);

/* Size of a new image, with what the property preallocation asks for. */
int image_set_size(const struct storage *st, int fd, uint64_t size, struct error *err);

/* Set or clear the attribute; false: the file system has none, or it is not permitted. */
bool image_set_immutable(int fd, bool immutable);
