/*
 * The raw lxc.* keys that a container file may hold (ct-config.md 6). Pure functions.
 */
#pragma once

#include "base/slice.h"
#include "base/strbuf.h"

enum raw_verdict {
	RAW_UNKNOWN, /* no such key: the line is lost */
	RAW_ACCEPTED,
	RAW_WARNED,  /* accepted under its old or deprecated name */
	RAW_REFUSED, /* known, but not to be set here: the line is lost */
};

/* What to do with a key; for the last two, note gets what there is to say about it. */
enum raw_verdict raw_check(struct slice key, struct strbuf *note);

/*
 * The name that LXC knows the key by today: "lxc.utsname" is lxc.uts.name,
 * "lxc.limit.x" lxc.prlimit.x, "lxc.network.type" lxc.net.INDEX.type, where the
 * caller counts the index. Other keys are appended as they are.
 */
void raw_current_name(struct slice key, struct strbuf *out);
