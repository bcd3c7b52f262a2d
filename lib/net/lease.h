/*
 * What dhclient tells its script in the environment (dhclient-script(8)): some of it is
 * a stranger's text, of whoever answers on the network. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "net/ip.h"

#define LEASE_ROUTES  16
#define LEASE_SERVERS 8
#define LEASE_DOMAINS 16

enum lease_event {
	LEASE_NOTHING, /* nothing that concerns us */
	LEASE_PREPARE, /* the client wants to begin: the interface has to be up */
	LEASE_TAKE,
	LEASE_DROP,
};

/* One of the two states that an event leads from and to. */
struct lease_state {
	bool has_address;
	struct ip address;
	unsigned valid_s, preferred_s; /* 0: for ever */
	struct lease_route {
		struct ip target, gateway;
		bool on_link; /* without a gateway */
	} route[LEASE_ROUTES];
	size_t route_count;
};

struct lease {
	enum lease_event event;
	int family;
	struct lease_state old, now;
	/* Names and addresses, nothing else; owned, NULL at the end. */
	char *servers[LEASE_SERVERS + 1];
	char *search[LEASE_DOMAINS + 1];
	char *domain; /* NULL: none */
};

/*
 * get asks for a variable; NULL: it is not set. Names and addresses that are none are
 * left out, so is what is more than there is room for. An address or a netmask that is
 * none is an error.
 */
int lease_read(const char *(*get)(void *arg, const char *name), void *arg,
	       struct lease *lease, struct error *err);
void lease_done(struct lease *lease);
#define auto_lease __attribute__((cleanup(lease_done)))
