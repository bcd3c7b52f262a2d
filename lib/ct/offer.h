/* What a shell offers while a command line is typed. Reads files, changes nothing. */
#pragma once

#include "base/strbuf.h"
#include "config/prop.h"

/*
 * Add the words of a kind that this host has now, one a line. vmid: whose snapshots; 0:
 * none. What cannot be read is left out; what the reader warns about goes to stderr.
 */
void ct_offer(enum prop_offer kind, unsigned vmid, struct strbuf *out);
