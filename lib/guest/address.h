/* Addresses as a container's configuration writes them. Pure functions. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/strbuf.h"

struct cidr {
	int family; /* AF_INET or AF_INET6 */
	unsigned char bytes[16];
	unsigned prefix;
	struct slice address; /* the text in front of "/" */
};

/* A literal of that family, without scope. */
bool address_is_valid(const char *text, int family);

/*
 * "192.0.2.5/24" with a prefix of 8-32, "2001:db8::5/64" with one of 8-128. The
 * address slice points into text.
 */
bool cidr_parse(const char *text, int family, struct cidr *out);

/* The address lies in the network of cidr; host bits of cidr do not count. */
bool cidr_contains(const struct cidr *cidr, const char *address);

/* An IPv6 address in fe80::/10. */
bool address_is_link_local(const char *address);

/*
 * The gateway has to get a route of its own: it is set, addr is static, and neither
 * its network nor (IPv6) the link-local one holds the gateway (guest-setup.md 8.1).
 */
bool needs_route(const char *addr, const char *gateway, int family);

/* "255.255.255.0" of an IPv4 cidr. */
void netmask_format(const struct cidr *cidr, struct strbuf *out);
