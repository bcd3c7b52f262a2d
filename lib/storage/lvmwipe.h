/*
 * Safe removal (storage.md 6.5, saferemove): a volume that is freed gets the name
 * "del-<name>", which no listing shows, and a process in the background overwrites it with
 * zeros and removes it then. What a crash leaves keeps its name, and is wiped with the
 * next volume that is made or freed: without zeros on all of it none is removed.
 */
#pragma once

#include "storage/lvm.h"
#include "storage/zero.h"

/* Pure: whether the volume waits to be wiped; a free name for one that shall. */
bool lvm_is_condemned(const struct lv *lv);
char *lvm_condemned_name(const struct lv_list *lvs, const char *volname);

/* The first one that waits, behind the one named (NULL: of all); NULL: none. Pure. */
const struct lv *lvm_next_condemned(const struct lv_list *lvs, const char *after);

/* How it is to be zeroed: by the device in steps, or slowly by writing. Pure. */
void lvm_plan_zero(const struct storage *st, bool device_zeros, struct zeroing *out);

/* Rename it so; the storage is locked. It is wiped by lvm_wipe_start. */
int lvm_condemn(const struct storage *st, const struct lv_list *lvs, const char *volname,
		struct error *err);

/*
 * See to it that one process in the background wipes all that wait in the volume group.
 * One that is at it already sees to new ones, too.
 */
int lvm_wipe_start(const struct storage *st, struct error *err);

/* The same if any waits. A failure stands in nobody's way: they wait for the next time. */
void lvm_wipe_rest(const struct storage *st, const struct lv_list *lvs);
