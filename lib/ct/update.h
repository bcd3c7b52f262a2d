/*
 * What `set` asks for, queued in the pending section (ct-config.md 7.1 steps 1-4). Pure
 * but for the questions to the host.
 */
#pragma once

#include "base/notes.h"
#include "config/config.h"

struct changes {
	const struct keyvals *set;   /* checked one by one, as typed or in stored form */
	const char *revert, *delete; /* lists of keys, or NULL */
};

/* What only the host can say. */
struct update_host {
	/*
	 * Whether the value can be had on this host (storages, devices, scripts,
	 * bridges); stored gets the form in which it is kept.
	 */
	int (*prepare)(void *arg, const char *key, const char *value, struct strbuf *stored,
		       struct error *err);
	void *arg;
};

/*
 * The keys to revert and to delete are known, and none is also set, or reverted and
 * deleted: else a problem under "revert" or "delete".
 */
void changes_check(const struct changes *changes, struct problems *problems);

/* The keys that the call sets or deletes: only these are put into effect by it. */
void changes_keys(const struct changes *changes, struct keyvals *out);

/*
 * Revert, delete and set, in this order, then drop what changes nothing. Keys that
 * cannot be deleted because they are not set are notes. On failure config is half done.
 */
int update_queue(struct config *config, const struct changes *changes,
		 const struct update_host *host, struct notes *notes, struct error *err);
