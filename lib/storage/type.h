/*
 * The contract of a backend: one const struct storage_type in a file of its own, which
 * types.c lists. A NULL operation means: not supported. Operations find st activated,
 * and the storage locked where storage/volume.h says so; they get volnames that parse
 * has accepted. What they make is either whole or not there under its name, also after
 * SIGKILL; each backend's file says how.
 */
#pragma once

#include "storage/storage.h"
#include "storage/volume.h"

/* Every type that storage.cfg may name; one bit each, for the rows of properties. */
enum storage_kind {
	KIND_DIR = 1,
	KIND_BTRFS = 2,
	KIND_NFS = 4,
	KIND_CIFS = 8,
	KIND_CEPHFS = 16,
	KIND_ZFSPOOL = 32,
	KIND_LVM = 64,
	KIND_LVMTHIN = 128,
	KIND_RBD = 256,
	KIND_FOREIGN = 512, /* sections are kept and nothing in them is checked */
};

/*
 * One row of the matrix of storage.md 6.7: the states in which volumes of a format have
 * a feature. Rows end with { .states = NULL }; what no row allows is refused.
 */
struct feature_row {
	enum volume_format format;
	const unsigned char *states; /* VOLUME_... bits, by enum volume_feature */
	const char *when; /* a property that has to be set as well; or NULL: always */
};

/* States of a volume, the columns' letters c, b and s in storage.md 6.7. */
enum volume_state {
	VOLUME_CURRENT = 1,
	VOLUME_BASE = 2,
	VOLUME_SNAPSHOT = 4,
};

struct volume_stage {
	unsigned vmid;
	char *name; /* of the backend's; owned */
	char *path; /* image file, block device or directory; owned */
	char *base; /* discard goes back to this snapshot of the volume; NULL; owned */
	int held;   /* keeps it from being swept; -1: no need */
};

struct storage_type {
	const char *name;
	enum storage_kind kind;
	bool always_shared;
	unsigned content; /* allowed */
	unsigned default_content;
	unsigned formats;                   /* 1 << FORMAT_... that volumes may have */
	const struct feature_row *features; /* NULL: none */
	bool owner_dirs;    /* volnames are "<owner>/<name>", and names end as the format */
	bool sized_subvols; /* a container's volume is a subvol whatever its size (7.1) */
	bool names_base;    /* a linked clone's volname starts with "<base>/" */
	bool is_block;      /* raw volumes are block devices, not files */
	const char *base_subvol; /* what "subvol-" becomes in a base; NULL: names stay */

	/* Add to what a user gave for a new storage of this node; NULL: nothing to add. */
	int (*complete)(struct keyvals *props, struct notes *notes, struct error *err);
	/* Base and content directories, mounts, volume groups are there afterwards. */
	int (*activate)(const struct storage *st, struct error *err);
	int (*usage)(const struct storage *st, struct storage_usage *out,
		     struct error *err);

	int (*parse)(const struct storage *st, struct slice volname, struct volume *out,
		     struct error *err);
	/*
	 * Path of a volume, or with snap of its snapshot; existence is not checked. NULL
	 * for a bad name and for snapshots that have no path. The caller frees it.
	 */
	char *(*path)(const struct storage *st, struct slice volname, const char *snap);
	/* The free volname for a new volume, "100/vm-100-disk-0.raw"; NULL: failed. */
	char *(*new_name)(const struct storage *st, unsigned vmid,
			  enum volume_format format, struct error *err);
	int (*list)(const struct storage *st, unsigned content, unsigned vmid,
		    struct volume_list *out, struct error *err);

	/* Make an empty volume of that name: an image of size_kib, or a directory. */
	int (*create)(const struct storage *st, const char *volname, uint64_t size_kib,
		      struct error *err);
	/* With all its snapshots. One that is missing is fine (a warning in notes). */
	int (*free)(const struct storage *st, const char *volname, struct notes *notes,
		    struct error *err);

	/* Devices and mounts of a volume or snapshot; both are fine twice. NULL: no need.
	 */
	int (*activate_volume)(const struct storage *st, const char *volname,
			       const char *snap, struct error *err);
	int (*deactivate_volume)(const struct storage *st, const char *volname,
				 const char *snap, struct error *err);
	/*
	 * Where snapshots of directories are not in the file system but mounted by a name:
	 * that name. NULL: the path is bind-mounted.
	 */
	char *(*snapshot_dataset)(const struct storage *st, const char *volname,
				  const char *snap);
	/* Whether files of a directory have ACLs; the same twice is fine. NULL: no choice.
	 */
	int (*set_acl)(const struct storage *st, const char *volname, bool acl,
		       struct error *err);

	int (*size)(const struct storage *st, const char *volname, uint64_t *bytes,
		    struct error *err);
	int (*resize)(const struct storage *st, const char *volname, uint64_t size_kib,
		      struct error *err);

	int (*snapshot)(const struct storage *st, const char *volname, const char *snap,
			struct error *err);
	int (*snapshot_delete)(const struct storage *st, const char *volname,
			       const char *snap, struct error *err);
	/* newer (may be NULL) gets the names of snapshots that stand in the way. */
	int (*can_roll_back)(const struct storage *st, const char *volname,
			     const char *snap, struct notes *newer, struct error *err);
	int (*roll_back)(const struct storage *st, const char *volname, const char *snap,
			 struct error *err);

	/*
	 * Turn a volume into the base volume new_name, which may be the same name. Fine
	 * when only new_name is there: an earlier try went that far.
	 */
	int (*make_base)(const struct storage *st, const char *volname,
			 const char *new_name, struct notes *notes, struct error *err);
	/* snap NULL: from the volume as it is. */
	int (*clone)(const struct storage *st, const char *volname, const char *snap,
		     const char *new_name, struct error *err);
	int (*rename)(const struct storage *st, const char *volname, const char *new_name,
		      struct error *err);

	/*
	 * A new volume in the making, for an import: stage makes it under a name that no
	 * listing shows, publish gives it its own, which may not exist, discard removes
	 * it. What a killed import leaves is swept. NULL: there are no streams.
	 */
	int (*stage)(const struct storage *st, const char *volname, uint64_t size_kib,
		     struct volume_stage *out, struct error *err);
	int (*publish)(const struct storage *st, const struct volume_stage *stage,
		       const char *volname, struct error *err);
	int (*discard)(const struct storage *st, const struct volume_stage *stage,
		       struct error *err);

	/*
	 * Streams of snapshots in the backend's own format; NULL: none. receive takes
	 * one in like stage, adopt is its publish. With stream->base the volume is there
	 * and has that snapshot; adopt gives it the new state.
	 */
	const char *snapshot_stream;
	int (*send)(const struct storage *st, const char *volname,
		    const struct volume_stream *stream, int fd, struct error *err);
	int (*receive)(const struct storage *st, const char *volname,
		       const struct volume_stream *stream, int fd, struct volume_stage *out,
		       struct error *err);
	int (*adopt)(const struct storage *st, const struct volume_stage *stage,
		     const struct volume_stream *stream, const char *volname,
		     struct error *err);
};

/* The backends, in the order that types.c lists them. */
extern const struct storage_type storage_dir;
extern const struct storage_type storage_btrfs;
extern const struct storage_type storage_lvmthin;
extern const struct storage_type storage_lvm;
extern const struct storage_type storage_nfs;
extern const struct storage_type storage_cifs;
extern const struct storage_type storage_zfspool;

/* By exact name; NULL when no such type is known. */
const struct storage_type *storage_type_find(const char *name);

/* A type without operations may stand in storage.cfg but cannot be used. */
bool storage_type_is_usable(const struct storage_type *type);
