/* /etc/resolv.conf as a DHCP lease has it (guest-setup.md 8.12). */
#pragma once

#include "base/strbuf.h"
#include "guest/guest.h"

/* The new text for a file that now has the text old. Pure. */
void dns_text(struct slice old, const struct guest_dns *dns, struct strbuf *out);
