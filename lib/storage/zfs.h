/*
 * The pure half of the type zfspool (storage.md 6.3): what its programs print, and the
 * commands of its operations. Every operation that makes something is one command of
 * ZFS, which has happened or not; a base volume takes two, and trying again completes it.
 */
#pragma once

#include "storage/commands.h"
#include "storage/type.h"

#define ZFS_PACKAGE "zfsutils-linux"

/* "<pool>/<name>" or "<pool>/<name>@<snap>", without the base of a clone. */
char *zfs_dataset(const struct storage *st, const char *volname, const char *snap);

/* Whether "zfs mount" tells of the dataset or one below it. */
bool zfs_is_mounted(struct slice text, const char *dataset);

/* The two lines of "zfs get -o value -Hp available,used". */
bool zfs_usage_parse(struct slice text, struct storage_usage *out);

/* Volumes of vmid (0: of all) among the lines of "zfs list" as zfspool.c asks for them. */
void zfs_add_volumes(const struct storage *st, struct slice text, unsigned vmid,
		     struct volume_list *out);

/*
 * Of snapshots in the order of their making: whether dataset@snap is there; newer ones of
 * the same dataset go to newer, which may be NULL, and are counted.
 */
bool zfs_find_snapshot(struct slice text, const char *dataset, const char *snap,
		       struct notes *newer, size_t *newer_count);

/* refquota is that of the volume, in bytes; for directories only. */
void zfs_plan_create(const struct storage *st, const char *volname, uint64_t size_kib,
		     struct commands *commands);
void zfs_plan_snapshot(const struct storage *st, const char *volname, const char *snap,
		       uint64_t refquota, struct commands *commands);
/* saved: the property pve-storage:refquota of the snapshot as zfs get prints it. */
void zfs_plan_roll_back(const struct storage *st, const char *volname, const char *snap,
			struct slice saved, struct notes *notes, struct commands *commands);
void zfs_plan_clone(const struct storage *st, const char *volname, const char *new_name,
		    uint64_t refquota, struct commands *commands);
/* now: acltype as zfs get prints it; nothing to do if that is it already. */
void zfs_plan_acl(const struct storage *st, const char *volname, bool acl, struct slice now,
		  struct commands *commands);
/* The words of zfs send; NULL at the end, the caller frees them. options: "-RpvU". */
char **zfs_send_words(const struct storage *st, const char *options, const char *volname,
		      const struct volume_stream *stream);
/* The dataset that a stream arrives in before it gets its name. */
char *zfs_arrival(const struct storage *st, const char *volname);
void zfs_plan_resize(const struct storage *st, const char *volname, uint64_t size_kib,
		     struct commands *commands);
