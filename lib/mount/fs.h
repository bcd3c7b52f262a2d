/* File systems on block devices: which one it is, and a detached mount of it. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * A mount of the block device, attached nowhere: a descriptor for move_mount(2). fd is
 * open on the device, options is a comma list or NULL. Errors never change the host
 * more than this mount: ext4 gets errors=remount-ro.
 */
int fs_mount(const char *device, int fd, bool ro, const char *options, struct error *err);

/*
 * The same for a snapshot that ZFS knows by this name, read-only (storage.md 7.3). It
 * needs no directory that ZFS would have to show it in.
 */
int fs_dataset(const char *snapshot, struct error *err);

/* An empty tmpfs of that size, mode 0755, attached nowhere. */
int fs_tmpfs(unsigned size_kib, struct error *err);
