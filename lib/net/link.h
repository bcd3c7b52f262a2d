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
int link_set_up(struct link_socket *socket, unsigned index, bool up, struct error *err);

/* Delete; one that is gone already is fine. */
int link_delete(struct link_socket *socket, unsigned index, struct error *err);
