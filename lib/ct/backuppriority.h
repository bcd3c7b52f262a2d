/* The I/O priority of a backup job (ioprio_set(2)), which its children inherit. */
#pragma once

#include "config/backup.h"

/* That of the option ionice: 0 to 7 best effort, 8 idle. */
int backup_priority_set(const struct backup_options *options, struct error *err);

/* Back to the usual one, for what lives on after the job. */
void backup_priority_reset(void);
