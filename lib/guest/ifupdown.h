/*
 * /etc/network/interfaces (guest-setup.md 8.2): our interfaces inside a file that the
 * user edits too. ifupdown_edit is a pure function.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

enum ifupdown_form {
	IFUPDOWN_NETMASK, /* "address A" and "netmask M", for old versions */
	IFUPDOWN_CIDR,    /* "address A/N" */
};

/*
 * The file's new text; old.at NULL: it is absent. Stanzas of other interfaces, their
 * options and comments stay byte for byte. False: none of the interfaces has an
 * address or gateway, and the file is to be left alone.
 */
bool ifupdown_edit(struct slice old, const struct guest_nic *nics, size_t count,
		   enum ifupdown_form form, struct strbuf *out);

/* ifupdown_edit on the guest's file. */
int ifupdown_write(const struct guest *guest, const struct guest_nic *nics, size_t count,
		   enum ifupdown_form form, struct error *err);
