/* The steps of a plan that are done in the container's network namespace. */
#pragma once

#include "base/error.h"
#include "ct/netplan.h"

/*
 * LIVE_UP, and what concerns one address or gateway. ifname: the end on the host; it is
 * the other one that changes. An error begins with the address.
 */
int net_step_inside(int init, const char *ifname, const struct live_step *step,
		    struct error *err);
