/*
 * The pure half of the type lvm (storage.md 6.5): the commands of its operations, and the
 * volumes among the logical volumes of its volume group.
 */
#pragma once

#include "storage/lvm.h"

void lvm_plan_create(const struct storage *st, const char *volname, unsigned vmid,
		     uint64_t size_kib, struct commands *commands);

/* Whether a volume of vmid is one for the list: with tagged_only if it has its tag. */
bool lvm_is_listed(const struct storage *st, const struct lv *lv, unsigned vmid);
