/*
 * Mounts inside the tree whose contents an image may add to but neither remove nor replace:
 * volumes and directories of the host that were there before the container.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mounts {
	uint64_t *id; /* owned */
	size_t count;
};

/* The mount that a descriptor is on, by its number (statx(2), STATX_MNT_ID). */
int mount_id(int fd, uint64_t *out, struct error *err);

/* Add the mount at a path inside the root. */
int mounts_add(struct mounts *mounts, int root, const char *path, struct error *err);

/* mounts may be NULL. What cannot be asked is one of them. */
bool mounts_have(const struct mounts *mounts, int fd);

void mounts_done(struct mounts *mounts);
#define auto_mounts __attribute__((cleanup(mounts_done)))
