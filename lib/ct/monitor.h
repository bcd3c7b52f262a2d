/* The processes of a running container whose mount namespaces matter, held by pidfds. */
#pragma once

#include "base/error.h"

struct guest_processes {
	int init;
	int monitor; /* the parent of init, which has all volumes mounted */
};

/*
 * A directory of init in /proc, "" or "/root": the descriptor, O_PATH, is that of the init
 * that the container still had when it was open. Its paths are the guest's.
 */
int guest_init_open(unsigned vmid, const char *below, struct error *err);

/* Both of one and the same run of the container. */
int guest_processes_open(unsigned vmid, struct guest_processes *out, struct error *err);
void guest_processes_done(struct guest_processes *processes);
#define auto_guest_processes __attribute__((cleanup(guest_processes_done)))
#define GUEST_PROCESSES_INIT              \
	{                                 \
		.init = -1, .monitor = -1 \
	}
