/*
 * Running one's own program from a sealed copy in memory, for programs that enter a
 * container: what a guest reaches through /proc/<pid>/exe is then a copy that nobody
 * can write to (runtime.md 7.1, 13 item 18; memfd_create(2), F_ADD_SEALS in fcntl(2)).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Replace this process by a sealed copy of the program; returns only on failure. The
 * environment is passed as it is, descriptors that are not close-on-exec stay open. */
int exec_sealed(const char *path, const char *const *argv, struct error *err);

/* True if this process runs from such a copy. */
bool exec_is_sealed(void);
