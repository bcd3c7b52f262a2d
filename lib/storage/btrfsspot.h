/* A guest volume of the type btrfs taken apart: the place it is in, and its entry there. */
#pragma once

#include "storage/place.h"

struct spot {
	struct place place;
	struct volume volume;
	char *entry; /* owned */
};

/* Every struct spot starts so. */
/* clang-format off */
#define SPOT_INIT { .place = PLACE_INIT }
/* clang-format on */

int spot_open(const struct storage *st, const char *volname, enum place_mode mode,
	      struct spot *spot, struct error *err);

/* As spot_open, and the volume has to be there. */
int spot_find(const struct storage *st, const char *volname, struct spot *spot,
	      struct error *err);

/* Whether the place has an entry of that name. */
bool spot_has(const struct spot *spot, const char *name);
void spot_done(struct spot *spot);
#define auto_spot __attribute__((cleanup(spot_done)))

/*
 * Exchange the entry with the one named temp in one step: temp holds afterwards what was
 * there before, or nothing.
 */
int spot_exchange(const struct spot *spot, const char *temp, struct error *err);

/* Each entry "<entry>@<snap>" of the place, as the directory has them. */
int spot_each_snapshot(const struct spot *spot,
		       int (*visit)(const struct spot *spot, const char *name, void *arg,
				    struct error *err),
		       void *arg, struct error *err);

/* Its snapshots in the order of their making. */
struct spot_snapshots {
	struct spot_snapshot {
		char *snap;    /* without "<entry>@"; owned */
		uint64_t made; /* transaction of the file system */
	} * at;
	size_t count;
};

int spot_snapshots(const struct spot *spot, struct spot_snapshots *out, struct error *err);
void spot_snapshots_done(struct spot_snapshots *snapshots);
#define auto_snapshots __attribute__((cleanup(spot_snapshots_done)))

/* Whether two subvolumes of the place came from the same one in a stream. */
bool spot_received_the_same(const struct spot *spot, const char *one, const char *other);
