/*
 * The host's side of changes to a container: checks, volumes that are made and freed,
 * limits of the running container. Every new volume stands in the container's file, as
 * unusedN, before it is made; so it is found again whenever this process dies.
 */
#pragma once

#include "config/settings.h"
#include "ct/apply.h"
#include "ct/update.h"
#include "storage/storage.h"

struct change_host {
	struct config *disk; /* what the file holds now */
	struct settings settings;
	struct storages storages;
	bool has_settings, has_storages;
	char **made; /* ids of new volumes */
	size_t made_count;
};

/* config: as loaded, before any change; it is copied. */
void change_host_init(struct change_host *host, const struct config *config);

struct update_host change_host_update(struct change_host *host);
struct apply_host change_host_apply(struct change_host *host);

/* Free the new volumes again and write the file without them. */
void change_host_undo(struct change_host *host);

void change_host_done(struct change_host *host);
#define auto_change_host __attribute__((cleanup(change_host_done)))
