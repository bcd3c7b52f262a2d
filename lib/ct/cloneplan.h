/*
 * From a container, or a snapshot of one, to the configuration of its clone
 * (storage.md 8.4, pct-cli.md clone). Pure but for random MACs.
 */
#pragma once

#include "config/config.h"
#include "config/settings.h"
#include "ct/ct.h"

/*
 * What the clone has of state, a configuration without pending changes and snapshots:
 * new MACs, the name and the description that request gives, and no volumes yet.
 */
int clone_config(const struct config *state, const struct clone_request *request,
		 const struct settings *settings, struct config **out, struct error *err);

/* Keys that another container can have as well; not volumes, and not what is about this
 * one alone: lock, parent, snaptime, template. */
bool config_key_is_copied(const char *key);

/* Give netN a new random MAC address. */
int config_renew_mac(struct config *config, const char *key,
		     const struct settings *settings, struct error *err);

/*
 * Every volume is one of a storage: "unable to clone mountpoint '<key>' (type <type>)".
 */
int clone_check_volumes(const struct config *state, struct error *err);
