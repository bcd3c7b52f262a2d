/*
 * systemd-networkd's files (guest-setup.md 8.4): one per interface below
 * /etc/systemd/network, all of it ours. networkd_format is a pure function.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* Append the text of <name>.network for this interface. */
void networkd_format(const struct guest_nic *nic, struct strbuf *out);

/* The files of all interfaces, also of those without addresses; old texts are lost. */
int networkd_write(const struct guest *guest, struct error *err);
