/* For storage_matrix.c: what stands behind each cell of the matrix of storage.md 6.7. */
#pragma once

#include "storage/volume.h"

/*
 * Where the cells are exercised that are not refused above: states of a feature, the file
 * below tests/, and words of it, mostly the title of a spec. The files in vm/ run in the
 * machine that has the kernel for them. Without a file the words say why there is nothing
 * to exercise.
 */
struct evidence {
	const char *type; /* NULL: every row */
	enum volume_format format;
	enum volume_feature feature;
	const char *states, *file, *words;
};

#define UNIT       "unit/storage_matrix.c"
#define UNIT_DIR   "TEST(\"every feature of dir works on btrfs, where blocks can be shared\")"
#define UNIT_BTRFS "TEST(\"every feature of btrfs works on a real one\")"
#define CLONE      "root/clone.sh"
#define COPIES     "root/storage_matrix.sh"
#define RAW        FORMAT_RAW
#define SUBVOL     FORMAT_SUBVOL

/* clang-format off */
static const struct evidence evidence[] = {
	{ "dir", RAW, FEATURE_SNAPSHOT, "c", "root/snapshot.sh",
	  "snapshots and rolls back images in a directory that can share blocks" },
	{ "dir", RAW, FEATURE_TEMPLATE, "c", CLONE,
	  "completes a template that was killed at any point" },
	{ "dir", RAW, FEATURE_COPY, "cbs", COPIES,
	  "copies images of dir as they are, of snapshots that share blocks, and of a template" },
	{ "dir", RAW, FEATURE_COPY, "cbs", COPIES,
	  "copies images of dir without snapshots, which it refuses to take" },
	{ "dir", RAW, FEATURE_RENAME, "c", UNIT,
	  UNIT_DIR },
	{ "dir", RAW, FEATURE_SPARSEINIT, "cb", COPIES,
	  "leaves zeros out of images that are imported on dir and on btrfs" },
	{ "dir", SUBVOL, FEATURE_TEMPLATE, "c", CLONE,
	  "makes a template of a plain directory, whose clones are full" },
	{ "dir", SUBVOL, FEATURE_SPARSEINIT, "c", NULL,
	  "only raw streams have zeros to leave out" },
	{ "dir", SUBVOL, FEATURE_COPY, "c", COPIES,
	  "copies directories of dir as they are, and of a template" },

	{ "btrfs", RAW, FEATURE_SNAPSHOT, "c", "root/snapshot.sh",
	  "takes a snapshot of all volumes and of the configuration" },
	{ "btrfs", RAW, FEATURE_CLONE, "b", CLONE,
	  "makes linked clones of a template by default, which start" },
	{ "btrfs", RAW, FEATURE_CLONE, "s", CLONE,
	  "makes a linked clone of a snapshot that was taken while the container ran" },
	{ "btrfs", RAW, FEATURE_CLONE, "c", CLONE,
	  "makes a linked clone of a running container with what it wrote just before" },
	{ "btrfs", RAW, FEATURE_TEMPLATE, "c", CLONE,
	  "makes base volumes of the volumes of a template" },
	{ "btrfs", RAW, FEATURE_COPY, "cbs", COPIES,
	  "copies images of btrfs as they are, of a snapshot, and of a template" },
	{ "btrfs", RAW, FEATURE_RENAME, "c", UNIT,
	  UNIT_BTRFS },
	{ "btrfs", RAW, FEATURE_SPARSEINIT, "cb", COPIES,
	  "leaves zeros out of images that are imported on dir and on btrfs" },
	{ "btrfs", SUBVOL, FEATURE_SNAPSHOT, "c", UNIT,
	  UNIT_BTRFS },
	{ "btrfs", SUBVOL, FEATURE_TEMPLATE, "c", COPIES,
	  "copies directories of btrfs as they are, of a snapshot, and of a template" },
	{ "btrfs", SUBVOL, FEATURE_SPARSEINIT, "c", NULL,
	  "only raw streams have zeros to leave out" },
	{ "btrfs", SUBVOL, FEATURE_COPY, "cs", COPIES,
	  "copies directories of btrfs as they are, of a snapshot, and of a template" },

	{ "nfs", RAW, FEATURE_TEMPLATE, "c", "vm/nfs.sh",
	  "file_template_specs nas" },
	{ "nfs", RAW, FEATURE_COPY, "c", "vm/nfs.sh",
	  "copy_specs nas" },
	{ "nfs", RAW, FEATURE_COPY, "b", "vm/nfs.sh",
	  "file_template_specs nas" },
	{ "nfs", RAW, FEATURE_RENAME, "c", "vm/nfs.sh",
	  "rename_specs nas" },
	{ "nfs", RAW, FEATURE_SPARSEINIT, "cb", "vm/nfs.sh",
	  "zero_specs nas" },
	{ "cifs", RAW, FEATURE_TEMPLATE, "c", "vm/cifs.sh",
	  "file_template_specs nas" },
	{ "cifs", RAW, FEATURE_COPY, "c", "vm/cifs.sh",
	  "copy_specs nas" },
	{ "cifs", RAW, FEATURE_COPY, "b", "vm/cifs.sh",
	  "file_template_specs nas" },
	{ "cifs", RAW, FEATURE_RENAME, "c", "vm/cifs.sh",
	  "rename_specs nas" },
	{ "cifs", RAW, FEATURE_SPARSEINIT, "cb", "vm/cifs.sh",
	  "zero_specs nas" },

	{ "zfspool", SUBVOL, FEATURE_SNAPSHOT, "c", "vm/zfs.sh",
	  "snapshot_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_CLONE, "b", "vm/zfs.sh",
	  "snapshot_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_TEMPLATE, "c", "vm/zfs.sh",
	  "snapshot_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_COPY, "c", "vm/zfs.sh",
	  "volume_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_COPY, "bs", "vm/zfs.sh",
	  "snapshot_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_RENAME, "c", "vm/zfs.sh",
	  "rename_specs tank" },
	{ "zfspool", SUBVOL, FEATURE_SPARSEINIT, "cb", NULL,
	  "only raw streams have zeros to leave out" },
	{ "zfspool", RAW, FEATURE_SNAPSHOT, "c", "vm/zfs.sh",
	  "snapshots, rolls back and clones an image on a zvol" },
	{ "zfspool", RAW, FEATURE_COPY, "c", "vm/zfs.sh",
	  "snapshots, rolls back and clones an image on a zvol" },
	{ "zfspool", RAW, FEATURE_CLONE, "b", "vm/zfs.sh",
	  "makes a template of an image on a zvol, with linked and full clones" },
	{ "zfspool", RAW, FEATURE_TEMPLATE, "c", "vm/zfs.sh",
	  "makes a template of an image on a zvol, with linked and full clones" },
	{ "zfspool", RAW, FEATURE_COPY, "b", "vm/zfs.sh",
	  "makes a template of an image on a zvol, with linked and full clones" },
	{ "zfspool", RAW, FEATURE_COPY, "s", NULL,
	  "a snapshot of a zvol has no device to copy from" },
	{ "zfspool", RAW, FEATURE_RENAME, "c", "vm/zfs.sh",
	  "hands an image on a zvol to another container" },
	{ "zfspool", RAW, FEATURE_SPARSEINIT, "cb", NULL,
	  "zvols take no raw streams" },

	{ "lvmthin", RAW, FEATURE_SNAPSHOT, "c", "vm/lvmthin.sh",
	  "snapshot_specs thin" },
	{ "lvmthin", RAW, FEATURE_CLONE, "b", "vm/lvmthin.sh",
	  "snapshot_specs thin" },
	{ "lvmthin", RAW, FEATURE_CLONE, "s", "vm/lvmthin.sh",
	  "makes a linked clone of a snapshot" },
	{ "lvmthin", RAW, FEATURE_TEMPLATE, "c", "vm/lvmthin.sh",
	  "snapshot_specs thin" },
	{ "lvmthin", RAW, FEATURE_COPY, "c", "vm/lvmthin.sh",
	  "volume_specs thin" },
	{ "lvmthin", RAW, FEATURE_COPY, "bs", "vm/lvmthin.sh",
	  "snapshot_specs thin" },
	{ "lvmthin", RAW, FEATURE_RENAME, "c", "vm/lvmthin.sh",
	  "rename_specs thin" },
	{ "lvmthin", RAW, FEATURE_SPARSEINIT, "cb", "vm/lvmthin.sh",
	  "leaves zeros out of an image that is imported" },
	{ "lvm", RAW, FEATURE_COPY, "c", "vm/lvm.sh",
	  "copy_specs thick" },
	{ "lvm", RAW, FEATURE_RENAME, "c", "vm/lvm.sh",
	  "rename_specs thick" },
	{ "lvm", RAW, FEATURE_SPARSEINIT, "c", "vm/lvm.sh",
	  "writes the zeros of an image that is imported, whatever was there" },

	{ NULL, RAW, FEATURE_SNAPSHOT, "s", NULL,
	  "a snapshot is taken of a volume, never of a snapshot" },
	{ NULL, RAW, FEATURE_TEMPLATE, "s", NULL,
	  "a snapshot is no volume that a configuration could name" },
	{ NULL, RAW, FEATURE_RENAME, "s", NULL,
	  "a snapshot is no volume that a configuration could name" },
	{ NULL, RAW, FEATURE_SPARSEINIT, "s", NULL,
	  "no stream is written to a snapshot" },
	{ NULL, RAW, FEATURE_REPLICATE, "cbs", NULL,
	  "nothing replicates on a single host" },
};
/* clang-format on */
