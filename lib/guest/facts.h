/* Parts of guest_facts_collect that are pure functions, for its tests. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "guest/guest.h"

/* search and nameservers from the text of a resolv.conf (guest-setup.md 1.2). */
void facts_read_resolv(struct slice text, struct guest_facts *facts);

/* There are servers, and all of them are loopback addresses. */
bool facts_are_loopback(const char *nameservers);
