/*
 * The directory "images/<owner>" of a storage that is a directory of files, by
 * descriptor. Whatever is made here is made under a temporary name, which no listing
 * shows, and gets its own name when it is whole; what is removed loses its name first.
 * So a killed command leaves no half volume. What it leaves is swept by the next command
 * that makes or frees a volume of that owner. Call these under the storage's lock.
 */
#pragma once

#include "storage/storage.h"

struct place {
	int images, own; /* the directory of all owners, and in it this one's; -1: none */
	char id[16];
	char *path; /* of own; owned */
};

/* Every struct place starts so. */
/* clang-format off */
#define PLACE_INIT { .images = -1, .own = -1 }
/* clang-format on */

enum place_mode {
	PLACE_EXISTING, /* a directory that is missing gives -1 with code ENOENT */
	PLACE_CREATE    /* make it with mode 0740 */
};

int place_open(const struct storage *st, unsigned vmid, enum place_mode mode,
	       struct place *place, struct error *err);
/* The directory at path, of which there is no owner. */
int place_open_path(const char *path, struct place *place, struct error *err);

/* Closes it, and removes the owner's directory if it is empty. */
void place_done(struct place *place);
#define auto_place __attribute__((cleanup(place_done)))

#define PLACE_TEMP_PREFIX ".tmp-"
#define PLACE_TEMP_MAX    32

/* A fresh temporary name. An entry that its maker holds is not swept. */
void place_temp(char name[PLACE_TEMP_MAX]);

/*
 * Rename name to the final name to, which may not exist: err->code is EEXIST then. The
 * two places may be the same.
 */
int place_rename(const struct place *from, const char *name, const struct place *to,
		 const char *final, struct error *err);

/* Open a temporary entry and hold it, until the descriptor is closed. */
int place_hold(const struct place *place, const char *temp, struct error *err);

/* Remove by remove() what killed commands left. */
void place_sweep(const struct place *place,
		 int (*remove)(const struct place *place, const char *name,
			       struct error *err));

/* Remove a file or directory by way of a temporary name; a missing one is fine. */
int place_remove(const struct place *place, const char *name,
		 int (*remove)(const struct place *place, const char *name,
			       struct error *err),
		 struct error *err);
