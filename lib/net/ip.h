/*
 * Addresses and routes of one interface in this process's network namespace, through
 * rtnetlink. Nothing here knows about containers.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "net/link.h"

struct ip {
	int family; /* AF_INET or AF_INET6 */
	unsigned char bytes[16];
	unsigned prefix; /* bits */
};

/* "192.0.2.5/24"; without a prefix all bits count. False: it is no such text. */
bool ip_parse(const char *text, int family, struct ip *out);

/* Of IPv6: fe80::/10. */
bool ip_is_link_local(const struct ip *ip);

bool ip_is_same(const struct ip *a, const struct ip *b);

/* Bytes that an address, or a netmask, of the family has: 4 or 16. */
unsigned ip_size(int family);

/* Add an address; for valid_s and preferred_s seconds, 0: for ever. One that is there
 * already gets the new times. */
int ip_add(struct link_socket *socket, unsigned index, const struct ip *ip,
	   unsigned valid_s, unsigned preferred_s, struct error *err);

/*
 * Remove an address; one that is gone is fine. Other IPv4 addresses of its network stay,
 * which the kernel sees to only where promote_secondaries is set: it is, meanwhile.
 */
int ip_remove(struct link_socket *socket, unsigned index, const struct ip *ip,
	      struct error *err);

/*
 * Whether the interface has an IPv6 link-local address that was found to be nobody
 * else's: without one there is no DHCPv6.
 */
bool ip_has_link_local(struct link_socket *socket, unsigned index);

/* A route to the network of target, through gateway or (NULL) directly on the link. */
struct ip_route {
	struct ip target; /* prefix 0: the default route */
	const struct ip *gateway;
};

/* Set a route: one to the same target is replaced. */
int ip_route_set(struct link_socket *socket, unsigned index, const struct ip_route *route,
		 struct error *err);

/* Remove exactly that route; one that is gone is fine. */
int ip_route_remove(struct link_socket *socket, unsigned index,
		    const struct ip_route *route, struct error *err);
