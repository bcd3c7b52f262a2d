#include "ct/backuppid.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/procstat.h"
#include "ct/backup.h"

#define STOP_MS  15000
#define PAUSE_MS 50

static char *pid_path(void)
{
	return path_in(PATH_HOST, "var/run/vzdump.pid");
}

int backup_pid_write(struct error *err)
{
	auto_free char *path = pid_path();
	auto_free char *text =
		xasprintf("UPID:%s:%08X:%08llX:%08llX:vzdump::root@pam:\n", path_node(),
			  (unsigned)getpid(), process_start_ticks(getpid()),
			  (unsigned long long)time(NULL));

	return save_path(path, slice(text), 0644, err);
}

void backup_pid_remove(void)
{
	auto_free char *path = pid_path();
	struct error err;

	if (remove_file(path, &err) < 0)
		warn_plain("%s", err.text);
}

static bool read_hex(struct slice text, unsigned long long *out)
{
	auto_free char *copy = slice_dup(text);
	char *end;

	*out = strtoull(copy, &end, 16);
	return text.len > 0 && *end == '\0';
}

/* The process of the file, if it is still the same one; 0: there is none. */
static pid_t running_job(void)
{
	auto_free char *path = pid_path();
	auto_strbuf struct strbuf text = STRBUF_INIT;
	unsigned long long pid, ticks;
	struct error ignored;
	struct slice rest;

	if (read_file(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return 0;
	rest = slice_trim(strbuf_slice(&text));
	if (!slice_is(slice_cut(rest, ':', &rest), "UPID"))
		return 0;
	slice_cut(rest, ':', &rest);
	if (!read_hex(slice_cut(rest, ':', &rest), &pid) ||
	    !read_hex(slice_cut(rest, ':', &rest), &ticks) || pid < 2 || pid > INT32_MAX)
		return 0;
	return process_start_ticks((pid_t)pid) == ticks ? (pid_t)pid : 0;
}

int ct_backup_stop(struct error *err)
{
	pid_t pid = running_job();
	auto_close int fd = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	int64_t end = clock_ms() + STOP_MS;

	if (fd < 0 || running_job() != pid)
		return 0;
	if (syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) < 0 && errno != ESRCH)
		return fail(err, errno, "cannot stop the running backup job");
	while (running_job() == pid) {
		if (clock_ms() > end)
			return fail(err, 0,
				    "the running backup job did not stop within 15 s");
		clock_pause(PAUSE_MS);
	}
	return 0;
}
