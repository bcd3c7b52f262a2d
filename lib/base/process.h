/*
 * The one place that starts programs: no shell, no user text as an option, fixed
 * PATH, LC_ALL=C, stdin from /dev/null unless given, other descriptors closed,
 * signals reset, a deadline.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

struct process {
	const char *const *argv; /* argv[0] without '/' is looked up in the fixed PATH */
	unsigned timeout_s;      /* 0: no deadline; else SIGKILL after it, an error */
	const char *dir;         /* working directory; NULL: "/" */
	int stdin_fd;            /* > 0: the program's stdin; 0: /dev/null */
	int stdout_fd;           /* > 0: the program's stdout; 0: ours */
	int stderr_fd;           /* > 0: the program's stderr; 0: captured for the error */
	const int *keep_fds;    /* descriptors it gets as 3, 4, ...; ended by -1; or NULL */
	const char *const *env; /* more "NAME=value" words, ended by NULL; or NULL */
	struct strbuf *output;  /* collects stdout (at most 1 MiB) instead; or NULL */
	bool detached;          /* process_start: own session, lives on after us */
	/*
	 * What it changes must not be cut off half-way, as LVM's metadata: its deadline and
	 * our death are told to it by SIGTERM, and SIGKILL comes 10 s behind a deadline.
	 */
	bool gentle;
};

/*
 * Run it to its end. A status other than 0 is an error that names the program, its
 * status or signal and its last line on stderr; past the deadline its code is ETIMEDOUT,
 * after a signal EINTR.
 */
int process_run(const struct process *process, struct error *err);

/* Whether the program of this error was ended from outside: it may have done its work. */
bool process_was_cut_off(const struct error *err);

/*
 * Start it and return its pid; the caller waits with process_wait. stderr_fd 0 means
 * ours here. The child is killed when the calling process dies, unless it is detached.
 */
pid_t process_start(const struct process *process, struct error *err);

/* Wait for pid: its exit status, or 128 + signal. */
int process_wait(pid_t pid, struct error *err);

/*
 * Replace this process by the program; returns only on failure. The environment is
 * passed as it is, descriptors above 2 that are not close-on-exec stay open.
 */
int process_replace(const char *path, const char *const *argv, struct error *err);

/* The same for argv[0] as the environment's PATH finds it; err->code tells why not. */
int process_replace_in_path(const char *const *argv, struct error *err);

/* Every signal as it is by default and none blocked: what a new program expects. */
void process_reset_signals(void);

#define PROCESS_PATH "/usr/sbin:/usr/bin:/sbin:/bin"
