/*
 * What can be done with a volume (storage.md 4-8). Each verb takes a volume id, finds the
 * storage, activates it, asks the feature matrix of storage.md 6.7, and lets the backend
 * do the work. What the matrix does not allow is refused; nothing is guessed. Whatever
 * changes something holds the storage's lock (10 s): where a name is chosen from the
 * choice until the volume has that name, so that two commands never get the same one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/notes.h"
#include "base/slice.h"
#include "storage/storage.h"

/* Columns of the matrix. */
enum volume_feature {
	FEATURE_SNAPSHOT,
	FEATURE_CLONE, /* linked */
	FEATURE_TEMPLATE,
	FEATURE_COPY, /* full */
	FEATURE_RENAME,
	FEATURE_SPARSEINIT,
	FEATURE_REPLICATE,
	FEATURE_COUNT
};

/*
 * Whether a volume, or with snap not NULL a snapshot of it, has the feature. Bind and
 * device mount points are no volumes: they have none.
 */
bool storage_has_feature(const struct storage *st, const struct volume *volume,
			 const char *snap, enum volume_feature feature);

/* The same for a volume id. */
int volume_has_feature(const struct storages *all, struct slice volid, const char *snap,
		       enum volume_feature feature, bool *out, struct error *err);

/* Names and places */

/* A volid's storage, name and path in one step; for volumes that exist or not. */
int volume_resolve(const struct storages *all, struct slice volid,
		   const struct storage **st, struct volume *volume, char **path,
		   struct error *err);

/*
 * "File path of an argument" (storage.md 4.3): a volid of that content is activated and
 * resolved, and must exist; anything else must be an existing regular file and is
 * canonicalised.
 */
int storage_file_argument(const struct storages *all, const char *argument,
			  unsigned content, char **path, struct error *err);

/* Where a mount of a volume or snapshot comes from. */
struct volume_source {
	enum volume_format format;
	char *path;      /* directory, image file or block device; owned */
	bool is_dataset; /* path is a snapshot that ZFS mounts by name: "tank/x@snap" */
	bool is_device;  /* path is a block device: it needs no loop device */
	bool is_base;
};

/*
 * Make the volume, or with snap not NULL its snapshot, usable, and tell from where.
 * Errors: an unknown storage, a snapshot that cannot be mounted ("cannot mount subvol
 * snapshots for storage type '<t>'"), a format that cannot hold a container.
 */
int volume_activate(const struct storages *all, struct slice volid, const char *snap,
		    struct volume_source *out, struct error *err);
/*
 * The option acl of a mount point, for directories whose storage keeps it: zfspool sets
 * acltype (storage.md 7.3). Other volumes get a mount option instead, if any.
 */
int volume_set_acl(const struct storages *all, struct slice volid, bool acl,
		   struct error *err);

/* Nothing mounts it any more. */
int volume_deactivate(const struct storages *all, struct slice volid, const char *snap,
		      struct error *err);
void volume_source_done(struct volume_source *source);
#define auto_volume_source __attribute__((cleanup(volume_source_done)))

/* Making and removing */

/*
 * Who has to know a new volume's id before there is such a volume: write_down stores it
 * where a destroy after a crash finds it. Called under the storage's lock. In the verbs
 * below claim may be NULL, and *new_volid, set on success, is the caller's to free.
 */
struct volume_claim {
	int (*write_down)(void *arg, const char *volid, struct error *err);
	void *arg;
};

struct volume_request {
	unsigned vmid; /* the owner */
	enum volume_format format;
	uint64_t size_kib;
	const char *name; /* "vm-100-disk-5.raw" as the user chose; NULL: the free one */
};

/* What a container's volume of that size is on this storage (storage.md 7.1). */
enum volume_format storage_guest_format(const struct storage *st, uint64_t size_kib);

/* An empty volume on an activated storage. */
int volume_alloc(const struct storage *st, const struct volume_request *request,
		 const struct volume_claim *claim, char **new_volid, struct error *err);

/*
 * Put an ext4 file system on a raw image: mkfs.ext4 -O mmp -E root_owner=uid:gid
 * (storage.md 7.1), output as there on stdout; or chown a directory to uid:gid.
 */
int volume_format(const struct storage *st, const char *volname, unsigned uid, unsigned gid,
		  struct error *err);

/*
 * Free a volume with its snapshots; whether the owner is the right one is the caller's
 * question. A base volume that linked clones use is refused: "base volume '<volname>' is
 * still in use by linked clones".
 */
int volume_free(const struct storages *all, struct slice volid, struct notes *notes,
		struct error *err);

/* Size */

/* Bytes as the storage tells them: an image's size, a directory's quota or 0. */
int volume_size(const struct storages *all, struct slice volid, uint64_t *bytes,
		enum volume_format *format, struct error *err);

/*
 * Grow the volume; the file system on a raw one is the caller's. The backend may round
 * up. Errors: "unable to shrink disk size", a volume that has no size of its own.
 */
int volume_resize(const struct storages *all, struct slice volid, uint64_t size_kib,
		  struct error *err);

/* Snapshots: "snapshot feature is not available" where the matrix has none. */

int volume_snapshot(const struct storages *all, struct slice volid, const char *snap,
		    struct error *err);
/* A snapshot that is missing is fine. */
int volume_snapshot_delete(const struct storages *all, struct slice volid, const char *snap,
			   struct error *err);
/*
 * Fails when a rollback would fail; newer (may be NULL) gets the names of the snapshots
 * that stand in its way. Ask it for every volume before the first is rolled back.
 */
int volume_can_roll_back(const struct storages *all, struct slice volid, const char *snap,
			 struct notes *newer, struct error *err);
/* The volume may not be mounted. After a crash the same call again completes it. */
int volume_roll_back(const struct storages *all, struct slice volid, const char *snap,
		     struct error *err);

/* New names for what is there */

/*
 * Turn it into a base volume: "Template feature is not available for '<volid>'". A
 * directory of the types dir and btrfs keeps its name and mode. After a crash the same
 * call again completes it.
 */
int volume_make_base(const struct storages *all, struct slice volid,
		     const struct volume_claim *claim, char **new_volid,
		     struct notes *notes, struct error *err);

/*
 * A linked clone, for the owner vmid, of a base volume, of a snapshot, or where the
 * matrix allows it of a volume as it is: "Linked clone feature for '<volid>' is not
 * available".
 */
int volume_clone(const struct storages *all, struct slice volid, const char *snap,
		 unsigned vmid, const struct volume_claim *claim, char **new_volid,
		 struct error *err);

/* Hand it to the owner vmid under its next free name: "Rename feature is not available
 * for '<volid>'". */
int volume_rename(const struct storages *all, struct slice volid, unsigned vmid,
		  const struct volume_claim *claim, char **new_volid, struct error *err);

/* Streams (storage.md 6.8) */

struct volume_stream {
	const char *format;        /* "raw+size", "tar+size", "zfs", "btrfs" */
	const char *snapshot;      /* the state to send or to expect; NULL: as it is */
	const char *base;          /* snapshot that both sides have; NULL: a whole stream */
	bool with_snapshots;       /* export: those before it, too; import: keep them */
	const char *snapshot_list; /* btrfs: which those are, in order; NULL: all */
};

int volume_export(const struct storages *all, struct slice volid,
		  const struct volume_stream *stream, int fd, struct error *err);

/* Whether its storage takes volumes of that kind: "storage '<id>' does not support guest
 * volumes". Activates the storage. */
int volume_import_check(const struct storages *all, struct slice volid, struct error *err);

/*
 * Make a volume of that id from what fd brings. If it exists already: an error, or with
 * allow_rename the next free name, told in notes. An incremental stream, with a base,
 * wants the volume to be there with that snapshot, and gives it the new state and the
 * new snapshot.
 */
int volume_import(const struct storages *all, struct slice volid,
		  const struct volume_stream *stream, int fd, bool allow_rename,
		  struct notes *notes, char **new_volid, struct error *err);
