/*
 * The copy of the suspend mode: a running container's volumes, by rsync, to a directory of
 * the host (backup.md 4.2). rsync sees nothing of the host but that directory
 * (mount/workroot.h).
 */
#pragma once

#include "ct/backupjob.h"

enum backup_pass {
	BACKUP_FIRST, /* while the container runs: files may vanish */
	BACKUP_FINAL, /* while it is frozen */
};

/* Bring guest->tmpdir/copy up to date, and log what was transferred. */
int backup_copy(const struct backup_guest *guest, enum backup_pass pass, struct error *err);
