/*
 * What lvm and lvmthin have in common (storage.md 6.4, 6.5): names, paths, reading the
 * output of lvs(8) and vgs(8), and the operations that both have. A logical volume is made
 * by one command of LVM, which has happened or not; where it takes several, the volume
 * gets its name last.
 */
#pragma once

#include "storage/commands.h"
#include "storage/type.h"

#define LVM_PACKAGE   "lvm2"
#define LVM_TIMEOUT_S 60

/* One logical volume. */
struct lv {
	char *name, *attr, *pool, *tags; /* owned; tags: "a,b" */
	uint64_t size;                   /* bytes */
	double data_percent;             /* of a thin pool; 0 when there is none */
};

struct lv_list {
	struct lv *at;
	size_t count;
};

/* What attr says: its characters 1, 2 and 5. */
bool lv_is_plain(const struct lv *lv); /* linear, mirrored or RAID */
bool lv_is_thin(const struct lv *lv);
bool lv_is_pool(const struct lv *lv);
bool lv_is_read_only(const struct lv *lv);
bool lv_is_active(const struct lv *lv);

/* Add the lines of lvs as lvm_list asks for them. Lines of another form are skipped. Pure.
 */
void lvs_parse(struct slice text, struct lv_list *out);

/* Bytes of the volume group in the output of vgs; false: it is not there. Pure. */
bool vgs_parse(struct slice text, const char *vg, uint64_t *size, uint64_t *avail);

/* The logical volumes of the storage's volume group. */
int lvm_list(const struct storage *st, struct lv_list *out, struct error *err);
const struct lv *lv_find(const struct lv_list *list, const char *name); /* NULL: none */
void lv_list_done(struct lv_list *list);
#define auto_lv_list __attribute__((cleanup(lv_list_done)))

/* The volume group's size and free space; fails when there is none of the name. */
int lvm_group(const struct storage *st, uint64_t *size, uint64_t *avail, struct error *err);

const char *lvm_vg(const struct storage *st);

/* "<vg>/<name>", "<vg>/snap_<name>_<snap>" */
char *lvm_name(const struct storage *st, const char *volname, const char *snap);

/*
 * Add the volumes of vmid (0: of all) among the logical volumes: those whose name parses
 * and that is_listed says are of this storage. Pure.
 */
typedef bool lvm_filter(const struct storage *st, const struct lv *lv, unsigned vmid);
void lvm_add_volumes(const struct storage *st, const struct lv_list *lvs, unsigned vmid,
		     lvm_filter *is_listed, struct volume_list *out);
int lvm_list_volumes(const struct storage *st, unsigned content, unsigned vmid,
		     lvm_filter *is_listed, struct volume_list *out, struct error *err);

/*
 * Run commands that make the logical volume name, which lvs must not have. When they fail
 * it is gone: lvcreate takes back what it made, unless it is killed.
 */
int lvm_make(const struct storage *st, const struct lv_list *lvs, const char *name,
	     const struct commands *commands, struct error *err);

/* Operations of struct storage_type. */
int lvm_activate(const struct storage *st, struct error *err);
char *lvm_path(const struct storage *st, struct slice volname, const char *snap);
char *lvm_new_name(const struct storage *st, unsigned vmid, enum volume_format format,
		   struct error *err);
int lvm_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err);
int lvm_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int lvm_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err);

/*
 * Imports go by way of a volume "tmp_<volname>": a name that a killed import has left is
 * made free with the commands of this plan. Pure.
 */
void lvm_plan_stage(const struct storage *st, const struct lv_list *lvs,
		    const char *volname, struct commands *commands);
char *lvm_stage_name(const char *volname);
int lvm_stage_clear(const struct storage *st, const char *volname, struct error *err);
void lvm_stage_fill(const struct storage *st, const char *volname, unsigned vmid,
		    struct volume_stage *out);
int lvm_publish(const struct storage *st, const struct volume_stage *stage,
		const char *volname, struct error *err);
int lvm_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err);

/* The commands of lvm_rename: the tag of the owner follows the name. Pure. */
void lvm_plan_rename(const struct storage *st, const char *volname, const char *new_name,
		     struct commands *commands);
