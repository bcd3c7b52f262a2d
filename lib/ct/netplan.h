/*
 * What has to be done, and in what order, so that an interface of a running container
 * becomes another one (runtime.md 5.3). Pure.
 */
#pragma once

#include "config/schema.h"

enum live_action {
	LIVE_STOP_DHCP,  /* the client that the host runs for this family */
	LIVE_REMOVE,     /* the pair; the container has no such interface then */
	LIVE_CREATE,     /* a new pair: plugged in, named, and up inside */
	LIVE_REPLUG,     /* take the host end out of its bridge and into the new one */
	LIVE_RATE,       /* only the limit is another one */
	LIVE_UP,         /* inside */
	LIVE_SAVE_LINK,  /* all but addresses is as wanted: it goes to the file */
	LIVE_START_DHCP, /* as LIVE_STOP_DHCP */
	LIVE_ADD,        /* text: address with prefix length */
	LIVE_ROUTE,      /* text: gateway outside of the network, directly on the link */
	LIVE_GATEWAY,    /* text: gateway of the default route */
	LIVE_NO_GATEWAY, /* the opposites */
	LIVE_NO_ROUTE,
	LIVE_DROP,
	LIVE_SAVE_FAMILY, /* the addresses of this family go to the file */
	LIVE_GUEST_FILES, /* the guest's network files follow the file */
	LIVE_SAVE_ALL,    /* and the rest of the value does */
};

struct live_step {
	enum live_action action;
	int family;       /* AF_INET or AF_INET6; 0: of neither */
	const char *text; /* of one of the nets; NULL: none */
};

#define LIVE_STEPS 32

struct live_plan {
	struct live_step step[LIVE_STEPS];
	unsigned count;
	/* The new MTU has to wait for another pair: until the container stops. */
	bool mtu_waits;
};

/*
 * From old to new; NULL: there is none. The texts are those of old and new. What changes
 * nothing that is in force has no steps.
 */
void net_plan_live(const struct net *old, const struct net *new, struct live_plan *plan);

/* The host runs a DHCP client for it: host-managed, plugged in, and the address is "dhcp".
 */
bool net_has_client(const struct net *net, int family);
