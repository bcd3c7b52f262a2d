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
