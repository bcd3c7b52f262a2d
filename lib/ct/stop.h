/* Ending a container; the caller holds the config lock. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "config/config.h"

/* Kill it and wait for its monitor's end, post-stop work included. Stopped is fine. */
int stop_hard(const struct config *config, struct error *err);

/*
 * Send the halt signal and wait timeout_s seconds; then kill, or wait once more and
 * fail with "container did not stop". timeout_s 0 without killing returns at once.
 */
int stop_gracefully(const struct config *config, unsigned timeout_s, bool kill_afterwards,
		    struct error *err);
