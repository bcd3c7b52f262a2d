/* What the parts of a backup job share (backup.md 3, 4). */
#pragma once

#include <stdint.h>
#include <time.h>

#include "config/backup.h"
#include "config/backupkeep.h"
#include "config/config.h"
#include "ct/backuplog.h"
#include "storage/volume.h"

struct backup_job {
	const struct backup_options *options;
	struct storages storages;
	const char *storage;      /* its id; NULL: a plain directory, or stdout */
	const struct storage *st; /* the same, once it is activated */
	char *dumpdir;            /* NULL: stdout */
	struct retention keep;
	char **patterns; /* exclude-path and the standard ones, NULL at the end */
	int archive_fd;  /* of --stdout; else -1 */
	struct backup_log log;
};

enum backup_mode {
	BACKUP_STOP,
	BACKUP_SUSPEND,
};

/* One guest of the job. */
struct backup_guest {
	struct backup_job *job;
	unsigned vmid;
	time_t start;
	int64_t start_ms;
	char *stem;                   /* "vzdump-lxc-100-2026_01_05-02_00_01" */
	char *target, *part, *tmpdir; /* the archive, and what is removed at the end */
	char *log_path;               /* of the task log */
	char *hostname;               /* NULL before the prepare step */
	struct config *config;        /* without "lock: backup" */
	struct idmap map;
	char **mount_points; /* "srv/data" of each mpN in the backup */
	char **keys;         /* "rootfs", "mp0": the volumes in the backup */
	enum backup_mode mode;
	bool has_lock;   /* "lock: backup" is ours */
	bool was_frozen; /* and nobody was told yet that it is back */
	bool is_down;    /* stopped by us and not yet started again */
	int64_t down_ms; /* when it went down, or was frozen */
};
