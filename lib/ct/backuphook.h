/* The hook script of a backup job (backup.md 6). */
#pragma once

#include "ct/backupjob.h"

/* The script is there and can be run; no script is fine. */
int backup_script_check(const struct backup_options *options, struct error *err);

/* "job-init", "job-start", "job-end", "job-abort". */
int backup_job_hook(const struct backup_job *job, const char *phase, struct error *err);

/* "backup-start", "pre-stop", ...; a failure of backup-abort and log-end is a warning. */
int backup_guest_hook(const struct backup_guest *guest, const char *phase,
		      struct error *err);

/* "stop", "suspend". */
const char *backup_mode_name(enum backup_mode mode);
