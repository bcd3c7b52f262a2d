/*
 * Network interfaces of this process's network namespace through rtnetlink. Nothing
 * here knows about containers.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct link {
	unsigned index; /* 0: there is no such interface */
	unsigned mtu;
	unsigned peer; /* of a veth: the index of its other end, where that is */
	bool vlan_filtering;
	char kind[16];   /* "veth", "bridge", "openvswitch"; "" for hardware */
	char alias[256]; /* "" when unset */
};

struct link_socket; /* one netlink connection */

struct link_socket *link_open(struct error *err); /* NULL on failure */
void link_close(struct link_socket **socket);
#define auto_link __attribute__((cleanup(link_close)))

/* Look a name up; a missing one gives index 0. */
int link_find(struct link_socket *socket, const char *name, struct link *out,
	      struct error *err);

int link_set_alias(struct link_socket *socket, unsigned index, const char *alias,
		   struct error *err);
int link_set_mtu(struct link_socket *socket, unsigned index, unsigned mtu,
		 struct error *err);
int link_set_master(struct link_socket *socket, unsigned index, unsigned master,
		    struct error *err);
int link_clear_master(struct link_socket *socket, unsigned index, struct error *err);
int link_set_up(struct link_socket *socket, unsigned index, bool up, struct error *err);

/* Delete; one that is gone already is fine. */
int link_delete(struct link_socket *socket, unsigned index, struct error *err);

struct veth_end {
	const char *name;
	unsigned char mac[6];
	unsigned mtu;
};

/*
 * A new veth pair; the far end comes to be in the network namespace that the descriptor
 * netns is of, so there is never one of another name, or elsewhere, that could be left.
 */
int link_create_veth(struct link_socket *socket, const struct veth_end *here,
		     const struct veth_end *there, int netns, struct error *err);
