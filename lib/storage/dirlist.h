/*
 * Listing of the volumes on a storage that is a directory of files (storage.md 3, 6.1).
 * Reads directories and the headers of disk images.
 */
#pragma once

#include "storage/storage.h"

/* The list operation of struct storage_type: unsorted, guest volumes as CONTENT_IMAGES. */
int dir_list(const struct storage *st, unsigned content, unsigned vmid,
	     struct volume_list *out, struct error *err);

/* Add the guest volume that an entry of "images/<vmid>" is, if it is one. */
typedef void file_list_guest(const struct storage *st, int dirfd, unsigned vmid,
			     const char *name, struct volume_list *out);

/* The one of plain files and directories. */
file_list_guest list_guest_file;

/* The same for types that keep guest volumes in another form. */
int file_list(const struct storage *st, unsigned content, unsigned vmid,
	      file_list_guest *list_guest, struct volume_list *out, struct error *err);
