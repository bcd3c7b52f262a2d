/* Backup jobs: what vzdump does (backup.md 3). */
#pragma once

#include "config/backup.h"

struct backup_request {
	const struct backup_options *options; /* as they hold (backup_options_merge) */
	const struct keyvals *given;          /* those of the command line, for the log */
	const char *conf_prune; /* prune-backups of /etc/vzdump.conf; or NULL */
	const unsigned *ids;    /* sorted, each once */
	size_t count;
	bool is_all; /* the ids were not named on the command line */
};

/*
 * Run the job: log lines go to stderr, the archive of --stdout to stdout. Fails with
 * "job errors" when a guest failed; all are tried. The caller has called interrupt_catch.
 */
int ct_backup(const struct backup_request *request, struct error *err);

/* End the job that is running, if there is one: SIGTERM, and up to 15 s for its end. */
int ct_backup_stop(struct error *err);

/* The text of /etc/vzdump.conf; empty when there is none. */
int ct_backup_conf(struct strbuf *out, struct error *err);
