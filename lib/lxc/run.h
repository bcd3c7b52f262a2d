/*
 * liblxc. run.c is the only includer of <lxc/lxccontainer.h>; only the programs in
 * pct/libexec use it. It turns liblxc's bool and error_string into our error.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "config/config.h"

/* Probe the installed liblxc and write PATH_RUN/lxc-features (see host.h). */
int lxc_features_write(struct error *err);

/*
 * Start the container from its generated config in this process and return when it
 * has stopped (want_daemonize false). The caller has a session of its own.
 */
int lxc_run_start(unsigned vmid, bool debug, const char *log, struct error *err);

enum attach_flags {
	ATTACH_CLEAR_ENV = 1,
};

/*
 * Run argv (NULL: a root shell) inside as lxc-attach does (runtime.md 7.1): a pty iff
 * stdin, stdout or stderr is a tty; signals that reach us are passed to the program.
 * *status: its exit status, 128 + signal, 127 or 126; 1 for attach errors.
 */
int lxc_run_attach(unsigned vmid, const char *const *argv, unsigned flags, int *status,
		   struct error *err);

/*
 * Connect this terminal to tty (0 console, -1 first free) until one of them ends it;
 * escape 1..26, or 0: none.
 */
int lxc_run_console(unsigned vmid, int tty, int escape, struct error *err);
