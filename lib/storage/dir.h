/*
 * What the types that are a directory of files have in common (storage.md 3, 6.1):
 * activation, size, names. Operations of struct storage_type.
 */
#pragma once

#include "storage/type.h"

/* Fails unless what is_mountpoint asks for is mounted; makes the directories. */
int dir_activate(const struct storage *st, struct error *err);
int dir_usage(const struct storage *st, struct storage_usage *out, struct error *err);
int dir_parse(const struct storage *st, struct slice volname, struct volume *out,
	      struct error *err);

/* The matrix of dir, nfs and cifs. */
extern const struct feature_row file_features[];

/* The first "<owner>/vm-<owner>-disk-<N>.raw", or subvol, of which no kind exists. */
char *dir_new_name(const struct storage *st, unsigned vmid, enum volume_format format,
		   struct error *err);

/*
 * What the rows of dir, nfs and cifs have in common: volumes are plain files and
 * directories. Who uses it includes dirchange.h, dirlist.h, dirvolume.h and layout.h.
 */
#define FILE_TYPE_ROW                                                                \
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR | CONTENT_VZTMPL | CONTENT_ISO | \
		   CONTENT_BACKUP | CONTENT_SNIPPETS | CONTENT_IMPORT,               \
	.owner_dirs = true, .features = file_features, .usage = dir_usage,           \
	.parse = dir_parse, .path = file_volume_path, .new_name = dir_new_name,      \
	.list = dir_list, .create = dir_create, .free = dir_free, .size = dir_size,  \
	.resize = dir_resize, .make_base = dir_make_base, .rename = dir_rename,      \
	.stage = dir_stage, .publish = dir_publish, .discard = dir_discard
