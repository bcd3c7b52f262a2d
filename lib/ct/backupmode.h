/*
 * How a guest is brought into a state that can be archived, and back (backup.md 4.1, 4.2).
 */
#pragma once

#include "ct/backupjob.h"

/*
 * Choose the mode that is possible, log what is in the backup, call the hooks and bring
 * the guest into that state. Afterwards the archive can be written.
 */
int backup_mode_begin(struct backup_guest *guest, struct error *err);

/* The guest is as it was before; nothing to do is fine. */
int backup_mode_end(struct backup_guest *guest, struct error *err);
