/* Cgroups of a container on this host's layout (runtime.md 2.9, 3.2, 12). */
#pragma once

#include "base/notes.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "lxc/generate.h"

/* The layout liblxc will see, by its own rule (runtime.md 12). */
enum cgroup_layout cgroup_layout(void);

/*
 * The directory of the hierarchy with this controller that the key family of the layout
 * reaches ("/sys/fs/cgroup/memory"); NULL when there is none. The caller frees it.
 */
char *cgroup_mount(enum cgroup_layout layout, const char *controller);

/* Remove left-over cgroups lxc/<id> and lxc.monitor/<id> in every hierarchy, depth
 * first (runtime.md 3.2 step 3). A group with processes in it is an error (EBUSY). */
int cgroup_clean(unsigned vmid, struct error *err);

/* Read a file of the limiting cgroup ("memory", "memory.limit_in_bytes"). */
int cgroup_read(unsigned vmid, const char *controller, const char *file, struct strbuf *out,
		struct error *err);

/*
 * Compare the limits in force with the config's: memory, swap, cpulimit, cpuunits,
 * cores. Each that does not apply is a note "memory: limit of 512 MiB is not in
 * force: ..."; also one for each raw lxc.cgroup2.* entry on a hybrid host.
 */
void cgroup_verify(const struct config *config, struct notes *notes);

/*
 * Take the kernel's lock on migrations once, without moving anything: the first one after
 * a while waits 5-20 ms for an RCU grace period, those that follow soon do not. Called by
 * who only waits meanwhile, so that LXC's own migrations find it done. Never fails.
 */
void cgroup_prepare_moves(void);
