/* Stopping a guest for its backup, and starting it again. */
#pragma once

#include "ct/backupjob.h"

/*
 * Ask it to shut down and wait as long as stopwait says; one that does not want to stop
 * runs on, and that is a failure.
 */
int backup_shut_down(const struct backup_job *job, const struct config *config,
		     struct error *err);

/* Start it unless it runs; it has no lock. */
int backup_start(const struct backup_job *job, unsigned vmid, struct error *err);
