/*
 * The work of pct-pack inside the sandbox: walk the tree and write it as a pax archive.
 * Touches nothing but the descriptors it is given.
 */
#pragma once

#include <stdint.h>

#include "base/sandbox.h"

struct packing {
	int out, log;
	int config, firewall;
	uint64_t bwlimit_kib;
	const char *const *mount_points; /* as in struct pack */
	const char *const *patterns;
};

/*
 * Load what the work would load later on from inside the tree, which is the guest's: the
 * locale and the list of character conversions. Call it before.
 */
void packing_prepare(void);

/* For sandbox_run; arg is a struct packing. The totals go to log, as GNU tar has them. */
int packing_run(void *arg, const struct sandbox_io *io, struct error *err);
