/*
 * The options of a backup job (backup.md 1, 2): one row each, for the command line, for
 * help, manual and completion, and for /etc/vzdump.conf. Pure functions.
 */
#pragma once

#include "base/notes.h"
#include "config/keyvals.h"
#include "config/prop.h"

struct backup_options {
	/* what */
	int all, stop;
	char *exclude, *pool, *node;
	/* how */
	char *mode, *compress, *exclude_path; /* patterns, one a line */
	long long pigz, zstd, bwlimit, ionice, stopwait, lockwait;
	int stdexcludes, quiet;
	char *script, *tmpdir;
	/* where to, and what becomes of it */
	char *storage, *dumpdir, *prune, *notes;
	int to_stdout, remove, protect;
	/* whom to tell */
	char *mailto, *mailnotification, *notification_mode;
	/* accepted and without effect */
	char *job_id, *performance, *fleecing, *pbs_mode;
};

extern const struct prop backup_props[];

/*
 * The text of /etc/vzdump.conf: lines "key: value". Unknown keys are left out in silence;
 * a value that fails its type is a warning and left out. exclude-path adds up and is split
 * as a shell splits a command line; its patterns are joined with line breaks.
 */
void backup_conf_parse(struct slice text, struct keyvals *out, struct notes *warnings);

/*
 * The options that hold: those of the command line, then those of the file, then what is
 * built in. storage and dumpdir come from the file only when the command line has neither;
 * both in the file is a warning, and dumpdir is dropped. Without a storage
 * notes-template and protected of the file are dropped. prune-backups of the file goes to
 * *conf_prune, as the storage's own comes before it; the caller frees that text.
 */
void backup_options_merge(const struct keyvals *given, const struct keyvals *conf,
			  struct backup_options *out, char **conf_prune,
			  struct notes *warnings);
void backup_options_done(struct backup_options *options);
#define auto_backup_options __attribute__((cleanup(backup_options_done)))

/* Two options that exclude each other, as backup.md 1 has it: run-time errors. */
int backup_options_check(const struct backup_options *options, struct error *err);

/*
 * "vzdump 100 101 --mode stop --storage local": the options that were given, quoted for a
 * shell, sorted by name, each exclude-path for itself.
 */
void backup_command_line(const unsigned *ids, size_t count, const struct keyvals *given,
			 struct strbuf *out);
