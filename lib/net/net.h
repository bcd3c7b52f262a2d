/*
 * A container's interfaces on the host (runtime.md 8): a pure plan and a short half
 * that carries it out through netlink (libmnl).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/notes.h"
#include "config/schema.h"

#define IFNAME_MAX 16

struct bridge_facts {
	bool exists, is_bridge, is_ovs, vlan_aware;
	unsigned mtu;
};

enum net_action {
	NET_ALIAS,   /* text: our mark on the interface */
	NET_MTU,     /* number; a device that refuses it keeps its own */
	NET_NO_IPV6, /* no address autoconfiguration on the host end */
	NET_MASTER,  /* text: the bridge */
	NET_NO_MASTER,
	NET_UP,
	NET_DOWN,
};

struct net_step {
	enum net_action action;
	char text[128];
	unsigned number;
};

struct net_plan {
	char ifname[IFNAME_MAX];
	struct net_step step[8];
	unsigned count;
};

/* "veth<id>i<n>"; an error if that is longer than 15 characters. */
int net_ifname(unsigned vmid, unsigned index, char out[IFNAME_MAX], struct error *err);

/* Read such a name back; false when it is not exactly one. */
bool net_ifname_parse(const char *ifname, unsigned *vmid, unsigned *index);

/*
 * What plugging netN in means (8.4): errors "bridge '<b>' does not exist",
 * "bridge '<b>' is neither a linux nor an OVS bridge!", MTU rule; tag and trunks are
 * errors that say so until VLANs are built; rate and firewall are notes.
 */
int net_plan_plug(unsigned vmid, unsigned index, const struct net *net,
		  const struct bridge_facts *bridge, struct net_plan *plan,
		  struct notes *notes, struct error *err);

/* Take the host end out of the bridge that it is in, if it is in one. */
int net_plan_unplug(unsigned vmid, unsigned index, struct net_plan *plan,
		    struct error *err);

/* Facts about a bridge of this host; one that does not exist is a fact, not an error. */
int net_bridge_facts(const char *bridge, struct bridge_facts *facts, struct error *err);

/* The interface must be a veth: "interface '<i>' does not exist", "... is not a veth". */
int net_apply(const struct net_plan *plan, struct error *err);

/*
 * Delete a left-over interface of this name if it is a veth that carries our mark or
 * none; another owner's is an error that names it; a missing one is fine.
 */
int net_remove(const char *ifname, struct error *err);
