/*
 * Devices that a container gets from the host (runtime.md 3.2 steps 7, 8 and 10): nodes of
 * its own, with the configured mode and owner, on a small tmpfs in
 * PATH_LXC/<id>/passthrough. The generated configuration binds them into /dev.
 *
 * The device of a file system with quotas is one more, under the name that the guest's
 * /proc/mounts has, for that is what its quota tools give quotactl(2). That name is known
 * only when it is mounted, so that the lines that bind it are in a file of their own,
 * "mounts", which LXC reads as its lxc.mount.fstab. The container's devices cgroup lets
 * nobody read or write the mounted image through it.
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"
#include "config/config.h"
#include "lxc/generate.h"

/* Mount the tmpfs, make the nodes of all devN and, for the volumes that are mounted at
 * and below root, those of quotas. */
int passthrough_make(const struct config *config, const struct idmap *map, const char *root,
		     struct error *err);

/*
 * One more device of a running container, in the namespace of its monitor: its node, as a
 * mount that is attached nowhere yet (mount_plug_node).
 */
int passthrough_add(unsigned vmid, const struct device *device, const struct idmap *map,
		    struct error *err);

/* The device that is at a path of the host. */
int passthrough_device(const char *path, struct host_device *out, struct error *err);
