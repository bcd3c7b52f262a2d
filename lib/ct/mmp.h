/*
 * Multi-mount protection of ext4 images (storage.md 7.1): one whose state was taken while
 * it was mounted says that it still is, and its next mount would wait for 45 s to see.
 */
#pragma once

#include "storage/volume.h"

/*
 * Say that nobody uses the volume, if it is such an image: after a rollback, or for a
 * clone of a snapshot. The caller knows that nobody does. What keeps it from being said
 * only makes the next mount slow.
 */
void mmp_clear(const struct storages *storages, const char *volid);
