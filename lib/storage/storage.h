/*
 * Storages (storage.md 1-3, 9): storage.cfg, the implicit "local", what a storage offers
 * and lists. storage/volume.h is what can be done with a volume, storage/type.h what a
 * backend has to offer.
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

struct storage_type;

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
	FORMAT_COUNT
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

/* Read storage.cfg and add "local" (storage.md 2.3). Never fails: bad lines become
 * warnings with file name, line number and section. */
void storages_load(struct storages *out, struct notes *warnings);
void storages_done(struct storages *storages);
#define auto_storages __attribute__((cleanup(storages_done)))

/* By exact id: "storage '<s>' does not exist", "storage '<s>' is disabled". */
int storage_find(const struct storages *all, struct slice id, const struct storage **out,
		 struct error *err);

/* As storage_find, and the storage must offer this content, or one of several (0: any):
 * "storage '<s>' does not support container directories" (rootdir), templates: "Storage
 * does not support templates!". Activates it: base and content directories exist
 * afterwards. */
int storage_use(const struct storages *all, struct slice id, unsigned content,
		const struct storage **out, struct error *err);

/* PATH_STORAGE_LOCK/pve-storage-<id>, 10 s. */
int storage_lock(const struct storage *st, struct lock *lock, struct error *err);

/*
 * The volumes of these content types, as far as the storage offers them. A guest volume
 * counts as rootdir if its owner has a container's config, else as images. vmid, if not
 * 0, limits guest volumes and backups to that owner, and leaves out iso and vztmpl.
 * Order: those with an owner by volid without regard to case, then the others by format.
 */
int storage_list(const struct storage *st, unsigned content, unsigned vmid,
		 struct volume_list *out, struct error *err);
/* Takes over volid. */
void volume_list_add(struct volume_list *list, const struct volume *volume, char *volid,
		     uint64_t size);
void volume_list_done(struct volume_list *list);
#define auto_volume_list __attribute__((cleanup(volume_list_done)))
