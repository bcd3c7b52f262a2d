#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"

#define POLITE_SIGNALS 3
#define GROUP_END_S    5

/* What comes through the pipe; smaller than PIPE_BUF, so that it is whole or missing. */
struct result {
	bool failed;
	unsigned warnings;
	struct error error;
};

struct worker {
	int (*body)(void *arg, struct error *err);
	void *arg;
	int report;         /* the child's end of the pipe */
	bool on_terminal;   /* stdin is our controlling terminal */
	bool in_foreground; /* and it is ours just now: the child gets it */
	pid_t parent, parent_group;
	sigset_t signals_before;
};

static volatile sig_atomic_t group, signal_count;

static void pass_on(int sig)
{
	int saved = errno;
	pid_t pid = (pid_t)group;

	signal_count = signal_count + 1;
	sig = signal_count <= POLITE_SIGNALS ? SIGTERM : SIGKILL;
	/* The child may not have made its group yet. */
	if (kill(-pid, sig) < 0)
		kill(pid, sig);
	errno = saved;
}

static sigset_t worker_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	return set;
}

/* A background group that takes the terminal would be stopped by SIGTTOU. */
static void give_terminal(pid_t pgid)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	tcsetpgrp(STDIN_FILENO, pgid);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void enter_group(const struct worker *worker)
{
	if (!worker->on_terminal) {
		setsid();
		return;
	}
	setpgid(0, 0);
	if (worker->in_foreground)
		give_terminal(getpid());
}

static void one_line(char *text)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

static void run_child(const struct worker *worker)
{
	struct result result = { 0 };
	struct error ignored;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != worker->parent)
		_exit(1);
	enter_group(worker);
	interrupt_catch();
	/* What is under way is brought to its end when nobody reads about it any more. */
	interrupt_outlive_readers();
	sigprocmask(SIG_SETMASK, &worker->signals_before, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	dup2(STDOUT_FILENO, STDERR_FILENO);

	result.failed = worker->body(worker->arg, &result.error) < 0;
	/* What failed because its helper was interrupted as well did not fail by itself. */
	if (result.failed && !strstr(result.error.text, "received interrupt"))
		interrupt_check(&result.error);
	if (!result.failed && ferror(stdout))
		result.failed =
			fail(&result.error, 0, "cannot write to standard output") < 0;
	result.warnings = warn_task_count();
	one_line(result.error.text);
	if (write(worker->report, &result, sizeof(result)) != sizeof(result))
		fail(&ignored, errno, "cannot report");
	exit(0);
}

/* Ctrl-Z stopped the child: stop with it, and give the terminal back when we go on. */
static void stop_along(const struct worker *worker, pid_t pid)
{
	if (worker->in_foreground)
		give_terminal(worker->parent_group);
	raise(SIGSTOP);
	if (worker->in_foreground)
		give_terminal(pid);
	kill(-pid, SIGCONT);
}

/*
 * Wait for the child; orphans of its group come to us as subreaper and are reaped on
 * the way. Returns its wait status.
 */
static int wait_for_child(const struct worker *worker, pid_t pid)
{
	int status = 0;

	for (;;) {
		pid_t got = waitpid(-1, &status, WUNTRACED);

		if (got < 0 && errno != EINTR)
			return 0;
		if (got == pid && !WIFSTOPPED(status))
			return status;
		if (got == pid)
			stop_along(worker, pid);
	}
}

/* False: nobody is left in the group. */
static bool group_is_alive(pid_t pgid)
{
	while (waitpid(-pgid, NULL, WNOHANG) > 0)
		;
	return kill(-pgid, 0) == 0;
}

static bool wait_for_group(pid_t pgid, unsigned timeout_s)
{
	for (unsigned i = 0; i < timeout_s * 100 && group_is_alive(pgid); i++)
		clock_pause(10);
	return !group_is_alive(pgid);
}

static void end_group(pid_t pgid)
{
	if (!group_is_alive(pgid))
		return;
	kill(-pgid, SIGTERM);
	if (wait_for_group(pgid, GROUP_END_S))
		return;
	kill(-pgid, SIGKILL);
	wait_for_group(pgid, 1);
}

static int judge(int status, const struct result *result, bool has_result,
		 struct error *err)
{
	if (has_result && result->failed) {
		*err = result->error;
		return -1;
	}
	if (WIFSIGNALED(status))
		return fail(err, 0, "the task was ended by signal %d", WTERMSIG(status));
	if (!has_result)
		return fail(err, 0, "the task ended without a result");
	if (result->warnings)
		warn_plain("Task finished with %u warning(s)!", result->warnings);
	return 0;
}

/* Signals of the worker are blocked until both sides have their handlers. */
static int launch(const struct worker *worker, int report_end, int *status,
		  struct error *err)
{
	const struct sigaction action = { .sa_handler = pass_on,
					  .sa_mask = worker_signals() };
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM };
	struct sigaction before[3];
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(err, errno, "cannot fork");
	if (pid == 0) {
		close(report_end);
		run_child(worker);
	}
	group = pid;
	signal_count = 0;
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &action, &before[i]);
	sigprocmask(SIG_SETMASK, &worker->signals_before, NULL);
	*status = wait_for_child(worker, pid);
	end_group(pid);
	if (worker->in_foreground)
		give_terminal(worker->parent_group);
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &before[i], NULL);
	return 0;
}

static struct worker describe(int (*body)(void *arg, struct error *err), void *arg)
{
	pid_t foreground = isatty(STDIN_FILENO) ? tcgetpgrp(STDIN_FILENO) : -1;

	return (struct worker){
		.body = body,
		.arg = arg,
		.on_terminal = foreground > 0,
		.in_foreground = foreground == getpgrp(),
		.parent = getpid(),
		.parent_group = getpgrp(),
	};
}

int worker_run(int (*body)(void *arg, struct error *err), void *arg, struct error *err)
{
	struct worker worker = describe(body, arg);
	const sigset_t signals = worker_signals();
	auto_close int report = -1, child_report = -1;
	struct result result = { 0 };
	int fds[2], status = 0, launched;

	/* Not blocking: a left-over process could hold the other end open. */
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail(err, errno, "cannot create a pipe");
	report = fds[0];
	child_report = worker.report = fds[1];
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigprocmask(SIG_BLOCK, &signals, &worker.signals_before);
	launched = launch(&worker, report, &status, err);
	sigprocmask(SIG_SETMASK, &worker.signals_before, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	if (launched < 0)
		return -1;
	return judge(status, &result,
		     read(report, &result, sizeof(result)) == sizeof(result), err);
}
