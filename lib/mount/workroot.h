/*
 * A root file system for one host program that works on trees of a running guest. What
 * the guest does to a path meanwhile, a symlink put in place of a directory for instance,
 * leads to nothing of the host: there are only the host's programs and libraries, which
 * cannot be written to, and the trees.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/*
 * A detached, read-only copy of the mount of one of a container's volumes ("rootfs",
 * "mp0"), taken from the mount namespace of the process that is its monitor. The caller
 * closes it.
 */
int workroot_volume(int monitor_pidfd, const char *key, struct error *err);

/*
 * In a process with a mount namespace of its own: build the root on the directory dir,
 * with the mount volume_fd at /source/<path> and the directory target_fd at /target, and
 * make it this process's root.
 */
int workroot_enter(const char *dir, int volume_fd, const char *path, int target_fd,
		   struct error *err);
