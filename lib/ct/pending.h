/*
 * The pending section of a container: values and deletions that wait for their moment
 * (ct-config.md 7.5). Pure.
 */
#pragma once

#include "base/value.h"
#include "config/config.h"

/* The keys that wait to be deleted, sorted; a value "!" marks a forced one. */
void pending_deletes(const struct config *config, struct keyvals *out);

void pending_add_delete(struct config *config, const char *key);
void pending_drop_delete(struct config *config, const char *key);

bool pending_is_empty(const struct config *config);

/*
 * What changes nothing goes: values equal to the current ones, deletions of keys that
 * are not there (7.1 step 4).
 */
void pending_clean_up(struct config *config);

/*
 * The lines of `pct pending`: "cur", "new" and "del", by key; without raw lxc entries,
 * the description percent-encoded.
 */
void pending_format(const struct config *config, struct strbuf *out);

/* The same as a list (ct.h); the caller frees it. */
struct json_t *pending_value(const struct config *config);
