/*
 * A running container at rest while its volumes are looked at from outside: frozen, and
 * what it wrote is on its volumes (runtime.md 3.8). It is thawed however this process
 * ends: by another one, if it is killed.
 */
#pragma once

#include "base/guardian.h"

struct quiet {
	unsigned vmid; /* 0: nothing to end */
	struct guardian guardian;
};

#define QUIET_INIT                \
	{                         \
		.guardian.fd = -1 \
	}

/*
 * Freeze within 30 s and sync its file systems. One that does not run is fine, once its
 * volumes are unmounted.
 */
int quiet_begin(unsigned vmid, struct quiet *quiet, struct error *err);

/* Thaw it. */
int quiet_end(struct quiet *quiet, struct error *err);

/* The same on the way out; a failure is a warning. */
void quiet_done(struct quiet *quiet);
#define auto_quiet __attribute__((cleanup(quiet_done)))
