/*
 * Freezing a running container (runtime.md 3.8): its processes stand still until they
 * are thawed. Through the freezer of its cgroup, natively: command 15 of the monitor's
 * socket is not there on every layout.
 */
#pragma once

#include "base/error.h"

/*
 * Returns when no process of it runs any more. One that sleeps where nothing can disturb
 * it keeps it from freezing: after timeout_s seconds that is a failure, and all is thawed.
 */
int lxc_freeze(unsigned vmid, unsigned timeout_s, struct error *err);

/* One that is not frozen, or not there, is fine. */
int lxc_thaw(unsigned vmid, struct error *err);
