/* The DHCP clients of a container's host-managed interfaces, all at once. */
#pragma once

#include "base/error.h"
#include "config/config.h"

/*
 * Start those that a running container is to have: IPv4 of all interfaces, then IPv6
 * (runtime.md 3.1 step 16). One that gets no lease is a counted warning "DHCP failed -
 * netN: ...".
 */
void ct_dhcp_start(const struct config *config);

/*
 * The same for one that starts at this moment without a command, as the guest asked for:
 * wait until it runs. Failures go to stderr.
 */
int ct_dhcp_follow(unsigned vmid, struct error *err);
