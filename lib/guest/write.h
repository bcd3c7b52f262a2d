/*
 * Changing guest files, confined (guest-setup.md 5.1-5.3, 15.3). Paths are absolute and
 * resolved in-root; what is at their end is replaced by one name in an opened directory,
 * no link followed, nothing edited in place. What has an ignore file next to it (5.1) is
 * left alone, which counts as success. Where the root has a record, the changes are
 * noted there instead.
 */
#pragma once

#include <sys/stat.h>

#include "base/error.h"
#include "base/slice.h"
#include "guest/place.h"

enum guest_write {
	GUEST_KEEP_OWNER = 1, /* uid and gid of the old file stay */
	GUEST_EXACT_MODE = 2, /* mode also replaces that of an old file */
	GUEST_REWRITE = 4,    /* write even if the file has these bytes already */
};

/*
 * Replace the file by one with these bytes: written under a random name next to it,
 * then renamed, so a symlink there becomes a regular file and nobody sees half of it.
 * The permission bits of an old regular file stay, a new one gets mode. A file that
 * is as wanted already is left alone. Ignored (5.1): 0.
 */
int guest_write(const struct guest_root *root, const char *path, struct slice text,
		mode_t mode, unsigned flags, struct error *err);

/* mkdir -p with mode 0755. */
int guest_mkdirs(const struct guest_root *root, const char *path, struct error *err);

/* One directory with this mode; 0 also when it is there already. */
int guest_mkdir(const struct guest_root *root, const char *path, mode_t mode,
		struct error *err);

/* Create a link; any failure is ignored, and so is a name that exists. */
void guest_symlink(const struct guest_root *root, const char *target, const char *path);

/* Replace what is at path by a link, by rename. */
int guest_relink(const struct guest_root *root, const char *target, const char *path,
		 struct error *err);

/* Remove the name; any failure is ignored. */
void guest_unlink(const struct guest_root *root, const char *path);
