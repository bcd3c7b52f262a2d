/*
 * Storages and their volumes (storage.md 1-7, 9): storage.cfg, the implicit "local",
 * and one const struct storage_type per backend, found by exact name. A NULL operation
 * means: not supported. The caller holds a storage's lock around name + create.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/lock.h"
#include "base/notes.h"
#include "base/slice.h"
#include "config/keyvals.h"
#include "config/prop.h"

enum content {
	CONTENT_IMAGES = 1,
	CONTENT_ROOTDIR = 2,
	CONTENT_VZTMPL = 4,
	CONTENT_ISO = 8,
	CONTENT_BACKUP = 16,
	CONTENT_SNIPPETS = 32,
	CONTENT_IMPORT = 64,
};

/* One word of the content list: "rootdir"; 0 when unknown. And back. */
unsigned content_parse(struct slice word);
const char *content_name(unsigned one);

/* The set that a list of such words means, and the format of an option that is one. */
unsigned content_list(struct slice list);
extern const struct prop_format content_format;

enum volume_format {
	FORMAT_RAW,    /* an image with a file system */
	FORMAT_SUBVOL, /* a directory */
	FORMAT_OTHER,  /* qcow2, vmdk: only listed and freed */
};

struct storage {
	char *id;
	const struct storage_type *type; /* NULL: known by name but not supported */
	char *type_name;
	struct keyvals props; /* as in storage.cfg */
	char *path;           /* base directory of file types, normalised; or NULL */
	unsigned content;     /* CONTENT_... */
	bool disabled;        /* disable, or nodes without this one */
	bool shared;          /* every node sees the same volumes */
};

struct storages {
	struct storage *at;
	size_t count;
};

/* What a volume name says (storage.md 4.1). */
struct volume {
	unsigned content; /* CONTENT_IMAGES for every guest volume */
	unsigned vmid;    /* owner; 0: none */
	enum volume_format format;
	bool is_base;
	const char *format_name; /* as in listings: "raw", "subvol", "tzst"; static text */
	struct slice name;       /* the file's name; points into the volname */
	struct slice base;       /* "<baseid>/<basename>" of a linked clone; else empty */
};

struct volume_info {
	char *volid;        /* owned */
	const char *format; /* static text */
	unsigned content;
	unsigned vmid; /* 0: none */
	uint64_t size; /* bytes */
};

struct volume_list {
	struct volume_info *at;
	size_t count;
};

struct storage_usage {
	uint64_t total, used, avail; /* bytes */
};

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

struct storage_type {
	const char *name;
	enum storage_kind kind;
	bool always_shared;
	unsigned content; /* allowed */
	unsigned default_content;
	unsigned formats; /* 1 << FORMAT_... that volumes may have */
	int (*activate)(const struct storage *st, struct error *err);
	int (*usage)(const struct storage *st, struct storage_usage *out,
		     struct error *err);
	int (*parse)(const struct storage *st, struct slice volname, struct volume *out,
		     struct error *err);
	/* Path of a volume; existence is not checked. The caller frees it. */
	char *(*path)(const struct storage *st, struct slice volname);
	/* The free volname for a new volume, "100/vm-100-disk-0.raw"; NULL: failed. */
	char *(*new_name)(const struct storage *st, unsigned vmid,
			  enum volume_format format, struct error *err);
	/* Make an empty volume of that name: an image of size_kib, or a directory. */
	int (*create)(const struct storage *st, const char *volname, uint64_t size_kib,
		      struct error *err);
	/* A volume that is missing is fine (a warning in notes). */
	int (*free)(const struct storage *st, const char *volname, struct notes *notes,
		    struct error *err);
	int (*list)(const struct storage *st, unsigned content, unsigned vmid,
		    struct volume_list *out, struct error *err);
};

/* Read storage.cfg and add "local" (storage.md 2.3). Never fails: bad lines become
 * warnings with file name, line number and section. */
void storages_load(struct storages *out, struct notes *warnings);
void storages_done(struct storages *storages);
#define auto_storages __attribute__((cleanup(storages_done)))

/* By exact id: "storage '<s>' does not exist", "storage '<s>' is disabled". */
int storage_find(const struct storages *all, struct slice id, const struct storage **out,
		 struct error *err);

/* As storage_find, and the storage must offer this content (0: any): "storage '<s>' does
 * not support container directories" (rootdir), templates: "Storage does not support
 * templates!". Activates it: base and content directories exist afterwards. */
int storage_use(const struct storages *all, struct slice id, unsigned content,
		const struct storage **out, struct error *err);

/* PATH_STORAGE_LOCK/pve-storage-<id>, 10 s. */
int storage_lock(const struct storage *st, struct lock *lock, struct error *err);

/* A volid's storage, name and path in one step; for volumes that exist or not. */
int volume_resolve(const struct storages *all, struct slice volid,
		   const struct storage **st, struct volume *volume, char **path,
		   struct error *err);

/*
 * Put an ext4 file system on a raw image: mkfs.ext4 -O mmp -E root_owner=uid:gid
 * (storage.md 7.1), output as there on stdout; or chown a directory to uid:gid.
 */
int volume_format(const struct storage *st, const char *volname, unsigned uid, unsigned gid,
		  struct error *err);

/*
 * Free by volid, under the storage's lock; whether the owner is the right one is the
 * caller's question. A base volume that linked clones use is refused: "base volume
 * '<volname>' is still in use by linked clones".
 */
int volume_free(const struct storages *all, struct slice volid, struct notes *notes,
		struct error *err);

/*
 * The volumes of these content types, as far as the storage offers them. A guest volume
 * counts as rootdir if its owner has a container's config, else as images. vmid, if not
 * 0, limits guest volumes and backups to that owner, and leaves out iso and vztmpl.
 * Order: those with an owner by volid without regard to case, then the others by format.
 */
int storage_list(const struct storage *st, unsigned content, unsigned vmid,
		 struct volume_list *out, struct error *err);
void volume_list_done(struct volume_list *list);
#define auto_volume_list __attribute__((cleanup(volume_list_done)))

/*
 * "File path of an argument" (storage.md 4.3): a volid of that content is activated and
 * resolved, anything else must be an existing regular file and is canonicalised.
 */
int storage_file_argument(const struct storages *all, const char *argument,
			  unsigned content, char **path, struct error *err);
