/*
 * What a container's configuration wants of the guest's files, checked once more:
 * the reader of the configuration keeps values that it only warned about, and nothing
 * unchecked may get into a guest file (guest-setup.md 1.1, 15.3). Pure functions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/config.h"
#include "guest/guest.h"

#define GUEST_NICS 32

/* One netN; texts as configured, NULL: absent. */
struct guest_nic {
	char *name, *ip, *gw, *ip6, *gw6;
};

struct guest_wants {
	char *hostname;     /* full; "localhost" without one */
	char *shortname;    /* up to the first dot */
	char **search;      /* effective DNS (1.2), NULL at the end */
	char **nameservers; /* the same */
	char *address;      /* primary address (6.2) without prefix; NULL: none */
	char *timezone;     /* "host", "UTC", a zone; NULL: nothing to do */
	struct guest_nic nic[GUEST_NICS]; /* ascending N, no name twice */
	size_t nic_count;
	unsigned ttys; /* 0-6 */
	bool nesting;
	bool unprivileged; /* has ids of its own, be it by raw lxc.idmap entries */
	bool console;      /* LXC makes /dev/console, and with it /dev/lxc */
};

/* A value that may not get into a guest file is an error naming its key. */
int guest_wants_read(const struct config *config, const struct guest_facts *facts,
		     struct guest_wants *wants, struct error *err);
void guest_wants_done(struct guest_wants *wants);
#define auto_guest_wants __attribute__((cleanup(guest_wants_done)))

/* The value is a CIDR of that family, so the interface's configuration is static. */
bool is_static(const char *value, int family);

/* The value is there and this word: "dhcp", "auto", "manual". */
bool is_mode(const char *value, const char *word);

/* The value is there and not "manual": the guest is to configure that family. */
bool is_configured(const char *value);
