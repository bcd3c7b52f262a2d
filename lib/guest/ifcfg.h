/*
 * The files of Red Hat's network scripts below /etc/sysconfig/network-scripts, and the
 * switches in /etc/sysconfig/network (guest-setup.md 8.6). All but ifcfg_write are pure
 * functions.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * Append the text of ifcfg-<name>. False: there is neither an address nor DNS to
 * configure, and the files of the interface are to be left alone.
 */
bool ifcfg_format(const struct guest_nic *nic, const struct guest_wants *wants,
		  const char *uuid, struct strbuf *out);

/* Append the section of route-<name> or, for AF_INET6, route6-<name>; often nothing. */
void ifcfg_format_routes(const struct guest_nic *nic, int family, struct strbuf *out);

/* The text with the first "NAME=word" as "NAME=yes", or that line behind the rest. */
void ifcfg_enable(struct slice old, const char *name, struct strbuf *out);

/* The files of all interfaces, with new UUIDs, and the switches. */
int ifcfg_write(const struct guest *guest, struct error *err);
