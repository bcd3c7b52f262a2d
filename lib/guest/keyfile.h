/*
 * NetworkManager's keyfiles below /etc/NetworkManager/system-connections
 * (guest-setup.md 8.7). keyfile_format is a pure function.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* Append the text of <name>.nmconnection. */
void keyfile_format(const struct guest_nic *nic, const struct guest_wants *wants,
		    const char *uuid, struct strbuf *out);

/* The keyfiles of all interfaces, with new UUIDs. */
int keyfile_write(const struct guest *guest, struct error *err);
