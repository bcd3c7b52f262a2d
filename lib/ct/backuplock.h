/*
 * The mark "lock: backup" of a guest, and what a backup that was killed has left: while a
 * backup is at work PATH_RUN/ct-<id>.backup names what has to be put back. The caller
 * holds the lock of all backups of this host.
 */
#pragma once

#include "ct/backupjob.h"

/*
 * Load the guest's configuration and set the lock. What a killed backup left is put back
 * first: temporary files, the lock, the container's state. "CT is locked (<lock>)".
 */
int backup_lock(struct backup_guest *guest, struct error *err);

/* Note what to put back if this process is killed: files, and that it has to run. */
int backup_note(const struct backup_guest *guest, struct error *err);

/* Nothing is left to put back: drop the note. */
void backup_unnote(const struct backup_guest *guest);

/* Take the lock away, if it is ours. */
int backup_unlock(struct backup_guest *guest, struct error *err);
