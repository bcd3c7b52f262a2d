/*
 * Gentoo's /etc/conf.d/net (guest-setup.md 8.11): a shell fragment in a section of its
 * own, and a service per interface. confd_format is a pure function.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* Append what the section holds. */
void confd_format(const struct guest_nic *nics, size_t count, struct strbuf *out);

/* The section, and /etc/init.d/net.<name> for each interface it configures. */
int confd_write(const struct guest *guest, struct error *err);
