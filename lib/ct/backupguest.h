/* The backup of one guest, from its first log line to its last (backup.md 4). */
#pragma once

#include "ct/backupjob.h"

/*
 * Back it up. The failure is told in the log; err only carries it to the caller. Whatever
 * happens, afterwards the guest is as it was before and nothing temporary is left.
 */
int backup_guest_run(struct backup_job *job, unsigned vmid, struct error *err);
