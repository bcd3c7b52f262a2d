/*
 * Names and places of volumes on storages that are a directory of files: what a volume
 * name says, and the path it stands for (storage.md 3, 4.1, 4.3). Pure functions.
 */
#pragma once

#include "storage/storage.h"

/*
 * Read a volume name. Names that could leave their directory, and control characters,
 * are refused: "unable to parse directory volume name '<v>'".
 */
int file_volume_parse(struct slice volname, struct volume *out, struct error *err);

/* The directory of one content type (rootdir: the legacy one); the caller frees it. */
char *file_content_dir(const struct storage *st, unsigned content);

/*
 * The path of a volume, NULL for a bad name; the caller frees it. Snapshots are files
 * beside the volume, "vm-100-disk-0.raw@snap", where the storage has them: the property
 * reflink and a raw volume; else NULL.
 */
char *file_volume_path(const struct storage *st, struct slice volname, const char *snap);

/* What stands before the file's name in a volname: "vztmpl/"; "" for guest volumes. */
const char *file_content_prefix(unsigned content);
