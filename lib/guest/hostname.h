/* The files that hold a guest's own name (guest-setup.md 6.1). */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* /etc/hostname with the name up to its first dot. */
int hostname_write_short(const struct guest *guest, struct error *err);

/* /etc/hostname with the full name, and HOSTNAME in /etc/sysconfig/network. */
int hostname_write_full(const struct guest *guest, struct error *err);

/* /etc/conf.d/hostname, with the name up to its first dot. */
int hostname_write_confd(const struct guest *guest, struct error *err);

/*
 * sysconfig/network with HOSTNAME=name in the first line that sets it, or behind all
 * lines. A pure function.
 */
void hostname_edit_sysconfig(struct slice old, const char *name, struct strbuf *out);
