/*
 * Changes of storage.cfg on this host (storage.md 9.1), under its lock: read, edit
 * (storage/edit.h), save by renaming. Lines that the parser did not take are told in notes,
 * as they are gone then. A secret goes to a file of its own with mode 0600,
 * PATH_ETC/priv/storage/<id>.pw, never to storage.cfg.
 */
#pragma once

#include "base/notes.h"
#include "config/keyvals.h"
#include "storage/type.h"

/*
 * Add a storage and activate it if it is enabled on this node; when that fails, nothing
 * has changed. Values that the user left out and the type knows are filled in.
 */
int storage_add(const struct storage_type *type, const char *id,
		const struct keyvals *values, struct notes *notes, struct error *err);

struct storage_change {
	const char *id;
	const struct keyvals *values; /* to set */
	const char *delete;           /* list of properties to unset; NULL: none */
	const char *digest;           /* the file must have this SHA-1; NULL: any */
};
int storage_set(const struct storage_change *change, struct notes *notes,
		struct error *err);

/* The section and the secret go; the volumes and mounts stay. */
int storage_remove(const char *id, struct notes *notes, struct error *err);
