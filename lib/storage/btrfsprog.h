/*
 * The program btrfs(8), on the entries of one place. Names go to it behind "--" and with
 * the place's path in front.
 */
#pragma once

#include "storage/place.h"

int btrfs_subvolume_create(const struct place *place, const char *name, struct error *err);

/* read_only: -r. name may not exist: a subvolume would be made inside it. */
int btrfs_subvolume_snapshot(const struct place *from, const char *origin,
			     const struct place *to, const char *name, bool read_only,
			     struct error *err);

/*
 * Delete a subvolume with those that a guest has made inside it, or a plain file or
 * directory; a missing one is fine.
 */
int btrfs_remove_entry(const struct place *place, const char *name, struct error *err);

/* The snapshots of one place, in their order, as a stream; base NULL: not incremental. */
int btrfs_send(const struct place *place, const char *base, const char *const *snapshots,
	       int fd, struct error *err);
/* Make the subvolumes of a stream inside the directory name. */
int btrfs_receive(const struct place *place, const char *name, int fd, struct error *err);

int btrfs_set_read_only(const struct place *place, const char *name, bool read_only,
			struct error *err);

/*
 * Of the output of "btrfs subvolume list -p", the ids of the subvolumes below id, each
 * after what is inside it. Pure; the caller frees *ids.
 */
size_t btrfs_nested(struct slice list, uint64_t id, uint64_t **ids);
