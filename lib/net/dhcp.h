/*
 * The DHCP clients that the host runs for containers (runtime.md 8.6): dhclient of the
 * package isc-dhcp-client, in the network and UTS namespaces of the container, which has
 * no other part in it. PATH_LXC/<id>/hook/dhclient{4,6}-<interface>.{pid,leases} are its
 * files.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"

struct dhcp_client {
	unsigned vmid;
	int family;         /* AF_INET or AF_INET6 */
	const char *ifname; /* inside */
	int init;           /* a pidfd of the container's init */
};

/*
 * The words of its command line, one a line: start, or release ("-1", "-r"). script gets
 * each lease, PCT_INIT in its environment: the number of init. Pure.
 */
void dhcp_command(const struct dhcp_client *client, const char *script, int init,
		  bool release, struct strbuf *out);

/*
 * Get a lease, in one attempt of half a minute; the client stays to renew it. "dhclient
 * is not installed: the package isc-dhcp-client has it".
 */
int dhcp_start(const struct dhcp_client *client, struct error *err);

/* Release the lease, which takes its address away, and end the client. */
int dhcp_stop(const struct dhcp_client *client, struct error *err);

/* Kill every client of the container, and remove their files. */
int dhcp_kill(unsigned vmid, struct error *err);
