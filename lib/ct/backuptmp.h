/* Where a backup keeps what is no archive yet (backup.md 5.3). */
#pragma once

#include "ct/backupjob.h"

/*
 * Choose the temporary directory of a guest, and make it: for root alone, as copies of
 * files that give rights are in it.
 */
int backup_tmp_make(struct backup_guest *guest, struct error *err);
