/*
 * Limits of a running container, changed in its limiting cgroup and read back
 * (runtime.md 5.2). The container must run: "trying to change memory cgroup values:
 * container not running". A limit that the kernel does not take is an error that says so.
 */
#pragma once

#include "base/notes.h"
#include "config/config.h"
#include "lxc/generate.h"

/* MiB; -1 leaves a limit as it is. Without swap accounting only memory is limited. */
int limits_memory(unsigned vmid, long long memory_mib, long long swap_mib,
		  struct notes *notes, struct error *err);

/* In CPUs; 0 means no limit. */
int limits_cpu(unsigned vmid, double cpus, struct error *err);

/* The weight; -1 means the kernel's default. */
int limits_weight(unsigned vmid, long long units, struct error *err);

/*
 * Give the container this many CPUs, 0 for all. A raw cpuset entry of config wins, then
 * nothing is done; a host without cpuset controller is a note.
 */
int limits_cores(const struct config *config, long long cores, struct notes *notes,
		 struct error *err);

/* Let the container read a device and, unless deny_write, write it (runtime.md 5.5). */
int limits_device(unsigned vmid, const struct host_device *device, bool deny_write,
		  struct error *err);
