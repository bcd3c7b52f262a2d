/*
 * The end of an interface that is inside a running container, whose network namespace
 * belongs to the guest: it may rename, change or delete what is there at any time.
 */
#pragma once

#include "base/error.h"

/*
 * Run body in a child that is in the container's network namespace, and has its host
 * name: nothing else is the container's. init: a pidfd of the container's init.
 */
int net_inside(int init, int (*body)(void *arg, struct error *err), void *arg,
	       struct error *err);

struct net_pair {
	const char *ifname; /* on the host */
	const char *name;   /* inside */
	const char *hwaddr; /* inside; the host end's begins with fe, so that no bridge
			       takes it for its own */
	unsigned mtu, host_mtu;
};

/* Make a pair with its far end in the container, and set that up. */
int net_pair_create(int init, const struct net_pair *pair, struct error *err);

/*
 * The index of the far end of a host's interface, in the container: whatever name the
 * guest has given it since.
 */
int net_pair_far_end(const char *ifname, unsigned *index, struct error *err);
