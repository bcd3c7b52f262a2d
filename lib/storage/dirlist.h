/*
 * Listing of the volumes on a storage that is a directory of files (storage.md 3, 6.1).
 * Reads directories and the headers of disk images.
 */
#pragma once

#include "storage/storage.h"

/* The list operation of struct storage_type: unsorted, guest volumes as CONTENT_IMAGES. */
int dir_list(const struct storage *st, unsigned content, unsigned vmid,
	     struct volume_list *out, struct error *err);
