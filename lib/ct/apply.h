/*
 * Pending changes put into effect: all of a stopped container (ct-config.md 7.3), what
 * can be changed live of a running one (7.2). The decisions are pure; what they do to
 * volumes and cgroups goes through struct apply_host.
 */
#pragma once

#include "config/config.h"

struct apply_host {
	/*
	 * The value to store: a new volume made, an existing one's size refreshed, an
	 * interface completed; other values as they are.
	 */
	int (*resolve)(void *arg, const char *key, const char *value, struct strbuf *stored,
		       struct error *err);
	/* Free the volume of a deleted unusedN that nothing else uses. */
	int (*release)(void *arg, const char *key, const char *volume, struct error *err);
	/* Set the limits of the running container; MiB, -1 leaves one as it is. */
	int (*memory)(void *arg, long long memory_mib, long long swap_mib,
		      struct error *err);
	/* Mount a new mpN, its value as resolved, into the running container. */
	int (*mount)(void *arg, const char *key, const char *value, struct error *err);
	/* Take an mpN out of the running container. 1: it has to wait for the stop. */
	int (*unmount)(void *arg, const char *key, struct error *err);
	/* Give a new devN to the running container. */
	int (*device)(void *arg, const char *key, const char *value, struct error *err);
	/*
	 * Make an interface of the running container what its value, as resolved, says;
	 * NULL: take it away. now gets the value that is in force then: another one when a
	 * part has to wait.
	 */
	int (*net)(void *arg, const char *key, const char *value, struct strbuf *now,
		   struct error *err);
	/* cpulimit and cpuunits; NULL: back to the default. */
	int (*limit)(void *arg, const char *key, const char *value, struct error *err);
	void *arg;
};

/*
 * Each entry of a stopped container that only names (NULL: every one): deletions first,
 * then values. One that fails stays pending and is a problem under its key, "unable to
 * apply pending change <key> : <reason>".
 */
void apply_stopped(struct config *config, const struct keyvals *only,
		   const struct apply_host *host, struct problems *problems);

/*
 * Of a running container what needs no restart; the rest stays pending. Failures are
 * problems "unable to hotplug <key>: <reason>".
 */
void apply_running(struct config *config, const struct keyvals *only,
		   const struct apply_host *host, struct problems *problems);
