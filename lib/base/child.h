/*
 * Part of the work in a forked child of the same program: for steps whose effects
 * (mounts in a private namespace, ids) must end with them, also when they are killed.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * Run body(arg) in a child, which is killed when this process dies; its failure
 * arrives in err. An interrupt (interrupt.h) is passed on to it. What it shall hand back
 * it writes to memory mapped MAP_SHARED (child_shared).
 */
int child_run(int (*body)(void *arg, struct error *err), void *arg, struct error *err);

/* Zeroed memory that parent and child share; lives as long as the process. */
void *child_shared(size_t size);
