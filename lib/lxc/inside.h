/*
 * The last steps of a process that has been attached to a container: it already has the
 * container's namespaces, root and limits, so everything here is the guest's view.
 */
#pragma once

#include <stdbool.h>

struct inside {
	const char *const *argv; /* NULL: the shell of our user */
	bool new_session;        /* leave the caller's terminal session */
};

/* For liblxc's attach: payload is a struct inside. Returns only on failure: 127 when the
 * program does not exist, 126 when it cannot be run; the reason is on stderr. */
int inside_run(void *payload);
