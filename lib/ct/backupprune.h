/* Older backups of a guest, in the storage or directory of the job (backup.md 7, 8). */
#pragma once

#include "ct/backupjob.h"

/* Step 2 of a guest: there is room for one more backup of it. */
int backup_check_limit(const struct backup_job *job, unsigned vmid, struct error *err);

/* Remove what the retention does not keep; all are tried. */
int backup_prune(const struct backup_job *job, unsigned vmid, struct error *err);
