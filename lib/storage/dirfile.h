/*
 * Removing the volumes that are plain files for everybody: templates, images of CDs,
 * snippets, and backups with what belongs to them (storage.md 6.1, 9.1).
 */
#pragma once

#include "storage/storage.h"

/* A backup goes with its log and notes, unless it is marked as protected. */
int dir_free_file(const struct volume *volume, const char *path, struct notes *notes,
		  struct error *err);
