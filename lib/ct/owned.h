/* The volumes of storages that a container's file names, and getting rid of them. */
#pragma once

#include "config/config.h"
#include "storage/volume.h"

/*
 * Their ids, each once: of the present state, of pending changes and of snapshots, but no
 * "<storage>:<n>" that is still to be made. Entries that cannot be read are notes. NULL at
 * the end; the caller frees them with free_words.
 */
char **owned_volumes(const struct config *config, struct notes *notes);

/*
 * Free one. Another owner's stays, which is a warning: "ignore deletion of '<volid>', CT
 * <id> isn't the owner!".
 */
int owned_free(unsigned vmid, const char *volid, const struct storages *storages,
	       struct error *err);
