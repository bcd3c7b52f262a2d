/*
 * What LXC calls while it starts and stops a container (runtime.md 3.2-3.5, 8.3); run
 * by libexec pct-hook inside the monitor's mount namespace, as host root. None of them
 * takes the config lock: the command that starts or stops holds it.
 */
#pragma once

#include "base/error.h"

int hook_pre_start(unsigned vmid, struct error *err);
int hook_net_up(unsigned vmid, const char *ifname, struct error *err);
/* reboot: LXC_TARGET is "reboot": the hook exits 1 then, after everything is done. */
int hook_post_stop(unsigned vmid, int reboot, struct error *err);

/*
 * What dhclient calls in the container's network namespace when a lease begins, changes
 * or ends (8.6): the address, the routes and the guest's resolv.conf follow it. get asks
 * for a variable of the environment. A lease that cannot be taken is an error.
 */
int hook_lease(const char *(*get)(void *arg, const char *name), void *arg,
	       struct error *err);
