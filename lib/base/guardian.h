/*
 * What has to be put back when this process ends, however it ends: a forked process in a
 * session of its own waits for that and does it then, also after kill -9.
 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

struct guardian {
	pid_t pid;
	int fd; /* -1: none */
};

/*
 * From now on work(arg) is done when this process is gone, unless guardian_release came
 * before. It holds no other descriptors of ours; what work may use is memory as it is
 * now. The caller is single-threaded.
 */
int guardian_start(void (*work)(void *arg), void *arg, struct guardian *guardian,
		   struct error *err);

/* There is nothing left to put back. Returns when the process has gone. */
void guardian_release(struct guardian *guardian);
