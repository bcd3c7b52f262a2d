/* Addresses as a container's configuration writes them. Pure functions. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/strbuf.h"

/* An IPv6 address in fe80::/10. */
bool address_is_link_local(const char *address);

/*
 * The gateway has to get a route of its own: it is set, addr is static, and neither
 * its network nor (IPv6) the link-local one holds the gateway (guest-setup.md 8.1).
 */
bool needs_route(const char *addr, const char *gateway, int family);

/* "255.255.255.0" of an IPv4 cidr. */
void netmask_format(const struct cidr *cidr, struct strbuf *out);
