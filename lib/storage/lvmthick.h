/*
 * The pure half of the type lvm (storage.md 6.5): the commands of its operations, and the
 * volumes among the logical volumes of its volume group.
 */
#pragma once

#include "storage/lvm.h"

void lvm_plan_create(const struct storage *st, const char *volname, unsigned vmid,
		     uint64_t size_kib, struct commands *commands);

/* saferemove: by the device itself if it can, else by writing zeros. */
void lvm_plan_zero(const struct storage *st, const char *device, bool device_zeros,
		   struct commands *commands);

/* Add the volumes of vmid (0: of all), with tagged_only those that carry its tag. */
void lvm_add_volumes(const struct storage *st, const struct lv_list *lvs, unsigned vmid,
		     struct volume_list *out);
