/*
 * Volumes of the type zfspool by the programs zfs(8) and zpool(8) (storage.md 6.3), and
 * questions to them. The int functions on volumes are operations of struct storage_type.
 */
#pragma once

#include "storage/zfs.h"

/* Run a query, which may take 10 s. */
int zfs_ask(const char *const *argv, struct strbuf *output, struct error *err);

/* One property of a dataset or snapshot; text keeps what value points to. */
int zfs_get(const char *dataset, const char *property, struct strbuf *text,
	    struct slice *value, struct error *err);

bool zfs_is_subvol(const struct storage *st, const char *volname);

/* The quota of a directory, 0 for none; of an image its size. */
int zfs_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err);
int zfs_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int zfs_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err);
int zfs_activate_volume(const struct storage *st, const char *volname, const char *snap,
			struct error *err);
int zfs_set_acl(const struct storage *st, const char *volname, bool acl, struct error *err);
int zfs_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int zfs_snapshot(const struct storage *st, const char *volname, const char *snap,
		 struct error *err);
int zfs_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			struct error *err);
int zfs_can_roll_back(const struct storage *st, const char *volname, const char *snap,
		      struct notes *newer, struct error *err);
int zfs_roll_back(const struct storage *st, const char *volname, const char *snap,
		  struct error *err);
int zfs_make_base(const struct storage *st, const char *volname, const char *new_name,
		  struct notes *notes, struct error *err);
int zfs_clone(const struct storage *st, const char *volname, const char *snap,
	      const char *new_name, struct error *err);
int zfs_send(const struct storage *st, const char *volname,
	     const struct volume_stream *stream, int fd, struct error *err);
int zfs_receive(const struct storage *st, const char *volname,
		const struct volume_stream *stream, int fd, struct volume_stage *out,
		struct error *err);
int zfs_adopt(const struct storage *st, const struct volume_stage *stage,
	      const struct volume_stream *stream, const char *volname, struct error *err);
int zfs_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err);
int zfs_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err);
