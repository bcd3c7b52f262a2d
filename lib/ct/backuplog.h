/*
 * The log of a backup job (backup.md 9): lines "LEVEL: text" on stderr, and while a guest
 * is at work also in its task log, with the time in front. What a guest may have chosen is
 * escaped.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/process.h"
#include "base/slice.h"

enum backup_level {
	BACKUP_INFO,
	BACKUP_WARN,
	BACKUP_ERROR,
};

struct backup_log {
	int fd;   /* the task log; -1: none */
	int copy; /* of all that is logged, for the mail; -1: none */
	bool quiet;
};

/* Texts of several lines are split. */
void backup_log(const struct backup_log *log, enum backup_level level, const char *fmt, ...)
	PRINTF(3, 4);

/* A line of the job, which goes to stderr only. */
void backup_log_job(const struct backup_log *log, enum backup_level level, const char *fmt,
		    ...) PRINTF(3, 4);

/* 0, or -1 with "interrupted by signal". */
int backup_interrupted(struct error *err);

struct backup_listener {
	/* Gets each line that a program prints; or NULL: it becomes a line of the log. */
	void (*line)(void *arg, struct slice line);
	void *arg;
};

/*
 * Read what comes out of fd, line by line, until nobody holds the other end any more. An
 * interrupt ends the processes first, pids ending with 0.
 */
int backup_listen(const struct backup_log *log, const struct backup_listener *listener,
		  int fd, const pid_t *pids, struct error *err);

/*
 * Run a program whose stdout and stderr are read so. Returns its exit status, or 128 + its
 * signal. listener may be NULL.
 */
int backup_run_program(const struct backup_log *log, const struct backup_listener *listener,
		       const struct process *process, struct error *err);
