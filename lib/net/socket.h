/*
 * One rtnetlink connection and its requests (rtnetlink(7), libmnl): what link.c and
 * ip.c share. Not for other rooms.
 */
#pragma once

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "base/error.h"
#include "net/link.h"

struct link_socket {
	struct mnl_socket *mnl;
	uint32_t sequence;
	char request[1024];
	struct nlmsghdr *head; /* of the request that is being made */
};

/* Begin a request; flags come in addition to those of every request. */
void socket_begin(struct link_socket *socket, uint16_t type, uint16_t flags);

/* Send what was begun and wait for its end. Returns 0, or the errno. */
int socket_talk(struct link_socket *socket, mnl_cb_t on_message, void *data);

/* The same without answers; what failed is "<what>: <reason>". */
int socket_finish(struct link_socket *socket, const char *what, struct error *err);
