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
