/*
 * Which entries of a container hold which volumes, and the unusedN keys under which
 * detached ones are remembered (ct-config.md 7.4). Pure.
 */
#pragma once

#include "config/config.h"

/*
 * The volume, device or directory that an entry names: rootfs, mpN and unusedN. NULL for
 * other keys (err->text empty) and for values that cannot be read. The caller frees it.
 */
char *entry_volume(const char *key, const char *value, struct error *err);

enum volume_users {
	USED_BY_MOUNTS = 1,  /* rootfs and mpN in effect */
	USED_BY_UNUSED = 2,  /* unusedN in effect */
	USED_BY_PENDING = 4, /* values that wait */
	USED_BY_SNAPSHOTS = 8,
};

/* Whether one of these sorts of entries holds the volume. */
bool volume_is_used(const struct config *config, const char *volume, unsigned users);

/* The same without the entry in effect of that key. */
bool volume_is_used_besides(const struct config *config, const char *key,
			    const char *volume, unsigned users);

/*
 * Remember a volume of a storage under the lowest free unusedN, unless a mount or an
 * unusedN holds it; devices and directories are not remembered.
 */
int unused_add(struct config *config, const char *volume, struct error *err);

/* Forget the unusedN that hold the volume. */
void unused_drop(struct config *config, const char *volume);

/* "Too many unused volumes - please delete them first." when unused_add would fail. */
int unused_room(const struct config *config, struct error *err);
