/*
 * The way into a sandbox, as its child process goes it (guest-setup.md 15.2): limits, the
 * tree or the running container, ids, capabilities, forbidden system calls. Only
 * sandbox.c needs it.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/sandbox.h"

/* What the child keeps, to talk with its parent. */
struct jail {
	int sync; /* asks for the id map ("m") and hears the answer ("y") */
	int report, error;
	pid_t parent;
};

/* Go in. Returns a descriptor of the tree, which is "/" from here on. */
int jail_enter(const struct sandbox *sandbox, const struct jail *jail, struct error *err);
