/* The family tree of a container's snapshots as text. Pure but for the time zone. */
#pragma once

#include "base/strbuf.h"
#include "base/value.h"
#include "config/config.h"

/*
 * One line for each snapshot and one for the present state, children below their parent,
 * siblings by time (pct-cli.md listsnapshot).
 */
void snaptree_format(const struct config *config, struct strbuf *out);

/* They and the present state as a list, by time (ct.h); the caller frees it. */
struct json_t *snapshots_value(const struct config *config);
