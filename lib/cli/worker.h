/*
 * Worker commands: the work runs in a child whose stdout and stderr both are the
 * program's stdout; the error comes back to the parent, which prints it on stderr
 * as one line (pct-cli.md 1.1).
 */
#pragma once

#include "base/error.h"

/*
 * Run body(arg) in a child with its own process group (the foreground one if stdin is
 * a tty, else a new session). INT, QUIT and TERM: the first three send TERM to the
 * group, later ones KILL; the child sees them through interrupt_check. When the parent
 * is killed the child gets TERM. Afterwards members left in the group get TERM, and
 * KILL after 5 s (a container's monitor has its own session and is not among them).
 * Returns 0, or -1 with the child's error; a successful worker that gave counted
 * warnings prints "Task finished with <n> warning(s)!" on stderr.
 */
int worker_run(int (*body)(void *arg, struct error *err), void *arg, struct error *err);
