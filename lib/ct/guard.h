/* Questions that several verbs ask before they act, in the spec's words. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "config/config.h"

/* Everything that was wrong with options, as one parameter error (pct-cli.md 2.3). */
int fail_problems(const struct problems *problems, struct error *err);

/* Load for a verb: the reader's warnings go to stderr. */
int ct_load(unsigned vmid, struct config **out, struct error *err);

/*
 * The same, unless the file has another SHA-1 than digest (NULL or "": no check):
 * "detected modified configuration - file changed by other user? Try again."
 */
int ct_load_digest(unsigned vmid, const char *digest, struct config **out,
		   struct error *err);

/*
 * "CT is locked (<lock>)" if the config has a lock other than allowed (a list of
 * words, NULL: none).
 */
int ct_check_lock(const struct config *config, const char *allowed, struct error *err);

/*
 * Wait until no monitor of the container is left, its post-stop work included: it
 * holds a lock on PATH_RUN/ct-<id>.pid until it ends.
 */
int ct_wait_gone(unsigned vmid, unsigned timeout_s, struct error *err);

/* Whether a monitor lives, from before its start to the end of its post-stop work. */
bool ct_has_monitor(unsigned vmid);

/*
 * The script of a hookscript value: "'<v>' is not in the snippets directory", "script
 * '<v>' does not exist", "... is not executable". The caller frees *path.
 */
int ct_find_hookscript(const char *volid, char **path, struct error *err);

/*
 * Run the container's hookscript, if it has one, with this phase: "pre-start",
 * "post-start", "pre-stop", "post-stop" (runtime.md 3.1). A failure is
 * "hookscript error for <id> on <phase>: ...".
 */
int ct_hookscript(const struct config *config, const char *phase, struct error *err);

/*
 * Delete the host ends of the container's interfaces, and kill the DHCP clients that the
 * host runs for them. All are tried; err tells the last failure.
 */
int ct_remove_interfaces(const struct config *config, struct error *err);
