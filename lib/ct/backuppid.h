/* The file that says which process is the running backup job: /var/run/vzdump.pid. */
#pragma once

#include "base/error.h"

/* Write this process's task id into it. */
int backup_pid_write(struct error *err);
void backup_pid_remove(void);
