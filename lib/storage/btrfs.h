/*
 * Volumes of the type btrfs are subvolumes of "images/<owner>" (storage.md 6.2): a raw
 * volume is a subvolume with the file disk.raw in it, and a snapshot is a subvolume
 * "<name>@<snap>" beside it. Making, snapshotting and deleting a subvolume is one step of
 * the file system; a new one gets its name when it is whole, and a rollback exchanges two
 * (storage/place.h).
 */
#pragma once

#include "storage/type.h"

#define BTRFS_IMAGE "disk.raw"

/* The entry of "images/<owner>" that a guest volume is; the caller frees it. */
char *btrfs_entry(const struct volume *volume);

int btrfs_create(const struct storage *st, const char *volname, uint64_t size_kib,
		 struct error *err);
int btrfs_stage(const struct storage *st, const char *volname, uint64_t size_kib,
		struct volume_stage *out, struct error *err);
int btrfs_publish(const struct storage *st, const struct volume_stage *stage,
		  const char *volname, struct error *err);
int btrfs_discard(const struct storage *st, const struct volume_stage *stage,
		  struct error *err);
int btrfs_free(const struct storage *st, const char *volname, struct notes *notes,
	       struct error *err);
int btrfs_send_volume(const struct storage *st, const char *volname,
		      const struct volume_stream *stream, int fd, struct error *err);
int btrfs_receive_volume(const struct storage *st, const char *volname,
			 const struct volume_stream *stream, int fd,
			 struct volume_stage *out, struct error *err);
int btrfs_adopt(const struct storage *st, const struct volume_stage *stage,
		const struct volume_stream *stream, const char *volname, struct error *err);
int btrfs_snapshot(const struct storage *st, const char *volname, const char *snap,
		   struct error *err);
int btrfs_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			  struct error *err);
int btrfs_can_roll_back(const struct storage *st, const char *volname, const char *snap,
			struct notes *newer, struct error *err);
int btrfs_roll_back(const struct storage *st, const char *volname, const char *snap,
		    struct error *err);
int btrfs_make_base(const struct storage *st, const char *volname, const char *new_name,
		    struct notes *notes, struct error *err);
int btrfs_clone(const struct storage *st, const char *volname, const char *snap,
		const char *new_name, struct error *err);
int btrfs_rename(const struct storage *st, const char *volname, const char *new_name,
		 struct error *err);
