#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/jail.h"
#include "base/own.h"

#define REPORT_MAX 65536
#define KILLED_S   2 /* a killed helper may hang in a file system that does not answer */

/* The two ends of what parent and child say to each other. */
struct link {
	int sync[2];   /* socket pair: child asks for its id map, parent answers */
	int report[2]; /* pipe: what body writes */
	int error[2];  /* pipe: body's struct error; empty when it succeeded */
	pid_t parent;
};

/* An id map has to be made for it; a running container has its own. */
static bool has_map(const struct sandbox *sandbox)
{
	return !(sandbox->flags & SANDBOX_RUNNING) && sandbox->map &&
	       sandbox->map->count > 0;
}

static void child(const struct sandbox *sandbox, const struct link *link,
		  int (*body)(void *, const struct sandbox_io *, struct error *), void *arg)
{
	const struct jail jail = { .sync = link->sync[1],
				   .report = link->report[1],
				   .error = link->error[1],
				   .parent = link->parent };
	struct sandbox_io io = { .report = link->report[1] };
	struct error err = { 0 };
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != link->parent)
		_exit(1);
	io.root = jail_enter(sandbox, &jail, &err);
	status = io.root < 0 ? -1 : body(arg, &io, &err);
	if (status < 0 && write(link->error[1], &err, sizeof(err)) != sizeof(err))
		_exit(2);
	_exit(status < 0 ? 1 : 0);
}

static int write_map(pid_t pid, const struct idmap *map, char type, struct error *err)
{
	auto_free char *path = xasprintf("/proc/%d/%cid_map", (int)pid, type);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	idmap_format(map, type, &text);
	return write_value(path, text.at, err);
}

static int answer_map(const struct sandbox *sandbox, const struct link *link, pid_t pid,
		      struct error *err)
{
	char ask = 0, answer = 'n';
	int status = -1;

	if (read(link->sync[0], &ask, 1) != 1)
		return 0; /* the child failed earlier and tells why itself */
	if (write_map(pid, sandbox->map, 'g', err) == 0 &&
	    write_map(pid, sandbox->map, 'u', err) == 0) {
		answer = 'y';
		status = 0;
	}
	if (write(link->sync[0], &answer, 1) != 1)
		status = fail(err, errno, "cannot talk to the helper");
	return status;
}

/* Until fd has something to say; end_ms 0: no deadline. */
static int wait_until(int fd, int64_t end_ms, const struct sandbox *sandbox,
		      struct error *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&wait, 1, end_ms ? clock_left_ms(end_ms) : -1);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return fail(err, errno, "cannot wait for the helper");
	if (ready == 0)
		return fail(err, ETIMEDOUT, "the helper did not finish within %u s",
			    sandbox->timeout_s);
	return 0;
}

/* Read the report until the child closes it. */
static int read_report(int fd, int64_t end_ms, const struct sandbox *sandbox,
		       struct strbuf *out, struct error *err)
{
	size_t total = 0;

	for (;;) {
		char bytes[4096];
		ssize_t got;

		if (wait_until(fd, end_ms, sandbox, err) < 0)
			return -1;
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? fail(err, errno, "cannot read from the helper")
				       : 0;
		total += (size_t)got;
		if (total > (sandbox->report_max ? sandbox->report_max : REPORT_MAX))
			return fail(err, EFBIG, "the helper's report is too long");
		if (out)
			strbuf_add(out, bytes, (size_t)got);
	}
}

/* A helper that was taken over may close its report and stay: its end counts. */
static int listen_to(int pidfd, int report_fd, const struct sandbox *sandbox,
		     struct strbuf *report, struct error *err)
{
	int64_t end =
		sandbox->timeout_s ? clock_ms() + (int64_t)sandbox->timeout_s * 1000 : 0;

	if (pidfd < 0)
		return fail(err, errno, "cannot watch the helper");
	if (read_report(report_fd, end, sandbox, report, err) < 0)
		return -1;
	return wait_until(pidfd, end, sandbox, err);
}

static int judge(int status, int error_fd, struct error *err)
{
	struct error told;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && read(error_fd, &told, sizeof(told)) == sizeof(told)) {
		told.text[sizeof(told.text) - 1] = '\0';
		*err = told;
		return -1;
	}
	if (WIFSIGNALED(status))
		return fail(err, 0, "the helper got signal %d", WTERMSIG(status));
	return fail(err, 0, "the helper failed");
}

/*
 * False: it does not end, since it waits for a file system whose server holds on to its
 * question. It ends as soon as that lets go, with nothing done.
 */
static bool kill_helper(pid_t pid, int pidfd)
{
	const struct sandbox killed = { .timeout_s = KILLED_S };
	struct error err;

	kill(pid, SIGKILL);
	return pidfd < 0 ||
	       wait_until(pidfd, clock_ms() + KILLED_S * 1000, &killed, &err) == 0;
}

static int oversee(const struct sandbox *sandbox, struct link *link, pid_t pid,
		   struct strbuf *report, struct error *err)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status, result = 0;

	close_fd(&link->sync[1]);
	close_fd(&link->report[1]);
	close_fd(&link->error[1]);
	if (has_map(sandbox))
		result = answer_map(sandbox, link, pid, err);
	if (result == 0)
		result = listen_to(pidfd, link->report[0], sandbox, report, err);
	if (result < 0 && !kill_helper(pid, pidfd))
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(err, errno, "cannot wait for the helper");
	return result < 0 ? -1 : judge(status, link->error[0], err);
}

static void close_pair(int pair[2])
{
	close_fd(&pair[0]);
	close_fd(&pair[1]);
}

int sandbox_run(const struct sandbox *sandbox,
		int (*body)(void *arg, const struct sandbox_io *io, struct error *err),
		void *arg, struct strbuf *report, struct error *err)
{
	struct link link = { { -1, -1 }, { -1, -1 }, { -1, -1 }, getpid() };
	int status = -1;
	pid_t pid;

	if (has_map(sandbox) && !idmap_has_root(sandbox->map))
		return fail(err, 0, "the id map has no entry for container id 0");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link.sync) < 0 ||
	    pipe2(link.report, O_CLOEXEC) < 0 || pipe2(link.error, O_CLOEXEC) < 0) {
		fail(err, errno, "cannot create a pipe");
	} else {
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			child(sandbox, &link, body, arg);
		status = pid < 0 ? fail(err, errno, "cannot fork")
				 : oversee(sandbox, &link, pid, report, err);
	}
	close_pair(link.sync);
	close_pair(link.report);
	close_pair(link.error);
	return status;
}
