/*
 * The volume that a verb of storage/volume.h works on: its volume id taken apart, its
 * storage found.
 */
#pragma once

#include "storage/type.h"

struct target {
	const struct storage *st;
	char *volname;        /* owned */
	struct volume volume; /* its slices point into volname */
};

/* Parse the volume id and find its storage, which may be used. */
int target_find(const struct storages *all, struct slice volid, struct target *out,
		struct error *err);

/* The same, and activate the storage. */
int target_open(const struct storages *all, struct slice volid, struct target *out,
		struct error *err);
void target_done(struct target *target);
#define auto_target __attribute__((cleanup(target_done)))

/* The volname without the base of a linked clone in front of it. */
struct slice target_own_name(const struct target *target);

/* The names of snapshots become parts of paths and arguments: letters, digits, - and _. */
int snapshot_name_check(const char *snap, struct error *err);
