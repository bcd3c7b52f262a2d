/*
 * From the options of create to the new container's configuration: defaults filled
 * in, values in the form in which the file keeps them. Pure but for random MACs
 * and the question which cgroup version this host has.
 */
#pragma once

#include "base/notes.h"
#include "config/config.h"
#include "config/settings.h"

/*
 * *config gets every option but rootfs and mpN, which stay with the caller. A problem
 * is a parameter error text "<key>: ..." in err; ignored options are notes.
 */
int config_of_options(unsigned vmid, const struct keyvals *options,
		      const struct settings *settings, struct config **config,
		      struct notes *notes, struct error *err);

/* The same, with this host's defaults for new containers. */
int config_compose(unsigned vmid, const struct keyvals *options,
		   const struct settings *settings, struct config **config,
		   struct notes *notes, struct error *err);

/*
 * One option's value in the form in which the file keeps it: a net with MAC address and
 * type, lists with their separator, tags sorted, cpuunits within what this host's cgroups
 * take. For every verb that takes options.
 */
int config_normalise(const char *key, const char *value, const struct settings *settings,
		     struct strbuf *out, struct error *err);
