/*
 * Work of this program that outlives the process: a forked one in a session of its own,
 * which no terminal and no end of ours takes along.
 */
#pragma once

#include "base/error.h"

/*
 * Do work(arg) in such a process and do not wait for it. It holds no descriptor of ours,
 * so neither our output nor a lock of ours; what work may use is memory as it is now.
 * The caller is single-threaded.
 */
int background_start(void (*work)(void *arg), void *arg, struct error *err);

/*
 * For a forked child: become such a process. Its standard input, output and error are
 * /dev/null; *fd, if not NULL, is the one descriptor that it keeps, under a new number.
 */
void background_detach(int *fd);
