/*
 * Changing volumes on a storage that is a directory of files (storage.md 6.1): size, base
 * volumes, new owners. Each change is one system call, so it has happened or not.
 */
#pragma once

#include "storage/storage.h"

int dir_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err);
int dir_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err);
int dir_make_base(const struct storage *st, const char *volname, const char *new_name,
		  struct notes *notes, struct error *err);
int dir_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err);

/* Rename an entry "<id>/<name>" to another one, within a storage, unless that exists. */
int dir_move(const struct storage *st, const char *volname, const char *new_name,
	     struct error *err);

/* Give the open file of a raw volume its new size. */
int image_resize(const struct storage *st, const char *volname, int fd, uint64_t size_kib,
		 struct error *err);

/* Fails for volumes that are no images. */
int image_check_raw(const struct storage *st, const char *volname, struct error *err);

/* Open the file of a raw volume: O_RDONLY or O_RDWR. Returns a descriptor. */
int dir_open_image(const struct storage *st, const char *volname, int flags,
		   struct error *err);
