/* What the verbs for snapshots share. */
#pragma once

#include "config/config.h"
#include "storage/volume.h"

/* A snapshot that is there already and that a verb works on. */
struct old_snapshot {
	unsigned vmid;
	const char *name;
	struct config *state; /* the snapshot's own */
	struct storages storages;
};
void old_snapshot_done(struct old_snapshot *snapshot);
#define auto_old_snapshot __attribute__((cleanup(old_snapshot_done)))

/* The storages of storage.cfg; its warnings go to stderr. */
void ct_load_storages(struct storages *out);

/*
 * The volume id of rootfs or mpN; the caller frees it. NULL with err when the entry
 * cannot be read or is no volume of a storage: refused says what there is not.
 */
char *entry_storage_volume(const struct config *config, const char *key,
			   const char *refused, struct error *err);
