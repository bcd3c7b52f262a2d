#include "ct/backuplog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "config/backupname.h"

#define TICK_MS  200
#define LINE_MAX 8192

static const char *const levels[] = {
	[BACKUP_INFO] = "INFO",
	[BACKUP_WARN] = "WARN",
	[BACKUP_ERROR] = "ERROR",
};

static void put_line(const struct backup_log *log, bool to_task, enum backup_level level,
		     struct slice line)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	char now[20];

	text_escape(line, &text);
	backup_time(time(NULL), now);
	if (!log->quiet)
		fprintf(stderr, "%s: %s\n", levels[level], text.at);
	if (log->copy >= 0)
		dprintf(log->copy, "%s %s: %s\n", now, levels[level], text.at);
	if (to_task && log->fd >= 0)
		dprintf(log->fd, "%s %s: %s\n", now, levels[level], text.at);
}

static PRINTF(4, 0) void put(const struct backup_log *log, bool to_task,
			     enum backup_level level, const char *fmt, va_list ap)
{
	auto_free char *text = NULL;
	struct slice rest, line;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	rest = slice(text);
	while (slice_line(&rest, &line))
		put_line(log, to_task, level, line);
	fflush(stderr);
}

void backup_log(const struct backup_log *log, enum backup_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(log, true, level, fmt, ap);
	va_end(ap);
}

void backup_log_job(const struct backup_log *log, enum backup_level level, const char *fmt,
		    ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(log, false, level, fmt, ap);
	va_end(ap);
}

int backup_interrupted(struct error *err)
{
	return interrupt_seen() ? fail(err, 0, "interrupted by signal") : 0;
}

static void tell(const struct backup_log *log, const struct backup_listener *listener,
		 struct slice line)
{
	if (listener && listener->line)
		listener->line(listener->arg, line);
	else
		put_line(log, true, BACKUP_INFO, line);
}

/* Whole lines leave the buffer; one that is too long is cut in pieces. */
static void tell_lines(const struct backup_log *log, const struct backup_listener *listener,
		       struct strbuf *held, bool is_end)
{
	auto_free char *text = strbuf_take(held);
	struct slice rest = slice(text), line;

	while (rest.len > 0) {
		struct slice before = rest;
		bool whole;

		slice_line(&rest, &line);
		whole = line.len < before.len;
		if (!whole && !is_end && line.len < LINE_MAX) {
			strbuf_add_slice(held, line);
			return;
		}
		tell(log, listener, line);
	}
}

static void interrupt_all(const pid_t *pids)
{
	for (; *pids > 0; pids++)
		kill(*pids, SIGTERM);
}

int backup_listen(const struct backup_log *log, const struct backup_listener *listener,
		  int fd, const pid_t *pids, struct error *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	auto_strbuf struct strbuf held = STRBUF_INIT;
	bool told = false;

	for (;;) {
		char bytes[4096];
		ssize_t got;

		if (interrupt_seen() && !told) {
			interrupt_all(pids);
			told = true;
		}
		if (poll(&wait, 1, TICK_MS) <= 0)
			continue;
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(err, errno, "cannot read from a program");
		strbuf_add(&held, bytes, (size_t)got);
		tell_lines(log, listener, &held, got == 0);
		if (got == 0)
			return 0;
	}
}

int backup_run_program(const struct backup_log *log, const struct backup_listener *listener,
		       const struct process *process, struct error *err)
{
	auto_close int reading = -1, writing = -1;
	struct process heard = *process;
	pid_t pids[2] = { 0 };
	int fds[2], result, status;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	heard.stdout_fd = writing;
	heard.stderr_fd = writing;
	pids[0] = process_start(&heard, err);
	if (pids[0] < 0)
		return -1;
	close_fd(&writing);
	result = backup_listen(log, listener, reading, pids, err);
	status = process_wait(pids[0], err);
	if (result < 0 || backup_interrupted(err) < 0)
		return -1;
	return status;
}
