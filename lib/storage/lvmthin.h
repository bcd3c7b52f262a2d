/*
 * The commands that operations of the type lvmthin consist of (storage.md 6.4). Pure
 * functions: lvs is what the volume group holds before.
 */
#pragma once

#include "storage/lvm.h"

/* Whether a volume is one for the list: of this pool. */
bool lvmthin_is_listed(const struct storage *st, const struct lv *lv, unsigned vmid);

void lvmthin_plan_create(const struct storage *st, const char *volname, uint64_t size_kib,
			 struct commands *commands);
/* Snapshots go first; a volume that is missing needs no command. */
void lvmthin_plan_free(const struct storage *st, const struct lv_list *lvs,
		       const char *volname, struct commands *commands);
/* By way of "tmp_<volname>", which a killed rollback may have left. */
void lvmthin_plan_roll_back(const struct storage *st, const struct lv_list *lvs,
			    const char *volname, const char *snap,
			    struct commands *commands);
int lvmthin_plan_base(const struct storage *st, const struct lv_list *lvs,
		      const char *volname, const char *new_name, struct commands *commands,
		      struct error *err);
void lvmthin_plan_clone(const struct storage *st, const char *volname, const char *snap,
			const char *new_name, struct commands *commands);
