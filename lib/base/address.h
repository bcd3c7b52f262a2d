/* Literal addresses and networks of the Internet. Pure functions. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/slice.h"

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
