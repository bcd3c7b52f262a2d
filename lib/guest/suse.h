/*
 * SUSE's network files below /etc/sysconfig/network (guest-setup.md 8.9). The format
 * functions are pure.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * Append the text of ifcfg-<name>. An interface with nothing but "ip6=auto" gets one
 * too, so that no older address stays in force (17, D9).
 */
void suse_format(const struct guest_nic *nic, struct strbuf *out);

/* Append the section of ifroute-<name>, the gateways; often nothing. */
void suse_format_routes(const struct guest_nic *nic, struct strbuf *out);

/* The files of all interfaces. */
int suse_write(const struct guest *guest, struct error *err);
