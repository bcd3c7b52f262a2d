#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"

#define OUTPUT_MAX (1024 * 1024)
#define KEEP_MAX   8
#define GENTLE_MS  10000

/* What the child needs, computed before fork: it may not allocate afterwards. */
struct launch {
	const struct process *process;
	char *path;
	char **env;
	int in, out, err;
	int keep[KEEP_MAX];
	int keep_count;
	pid_t parent;
};

void process_reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static char *find_program(const char *name)
{
	struct slice rest = slice(PROCESS_PATH), dir;

	if (strchr(name, '/'))
		return xstrdup(name);
	while (rest.at) {
		dir = slice_cut(rest, ':', &rest);
		char *path = xasprintf(SLICE_FMT "/%s", SLICE_ARG(dir), name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static char **make_env(const char *const *more)
{
	size_t count = 0, at = 0;
	char **env;

	while (more && more[count])
		count++;
	env = xcalloc(count + 3, sizeof(*env));
	env[at++] = xstrdup("PATH=" PROCESS_PATH);
	env[at++] = xstrdup("LC_ALL=C");
	for (size_t i = 0; i < count; i++)
		env[at++] = xstrdup(more[i]);
	return env;
}

/*
 * The wanted descriptors may stand in each other's places, so all go to high numbers
 * first and from there to 0, 1, 2, 3, ...
 */
static bool place_fds(const struct launch *launch)
{
	int from[3 + KEEP_MAX], count = 0;

	from[count++] = launch->in;
	from[count++] = launch->out;
	from[count++] = launch->err;
	for (int i = 0; i < launch->keep_count; i++)
		from[count++] = launch->keep[i];
	for (int i = 0; i < count; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 64);
		if (from[i] < 0)
			return false;
	}
	for (int i = 0; i < count; i++)
		if (dup2(from[i], i) < 0)
			return false;
	return syscall(SYS_close_range, (unsigned)count, ~0U, 0) == 0;
}

static void child(const struct launch *launch, int report)
{
	int code;

	if (launch->process->detached)
		setsid();
	else
		prctl(PR_SET_PDEATHSIG, launch->process->gentle ? SIGTERM : SIGKILL);
	if (!launch->process->detached && getppid() != launch->parent)
		_exit(127);
	process_reset_signals();
	/* The report pipe has to survive place_fds: it goes last of the kept ones. */
	if (!place_fds(launch) ||
	    chdir(launch->process->dir ? launch->process->dir : "/") < 0)
		_exit(127);
	report = 3 + launch->keep_count - 1;
	fcntl(report, F_SETFD, FD_CLOEXEC);
	execve(launch->path, (char *const *)(uintptr_t)launch->process->argv, launch->env);
	code = errno;
	if (write(report, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

static int prepare(const struct process *process, int out, int err_fd,
		   struct launch *launch, struct error *err)
{
	*launch = (struct launch){
		.process = process,
		.path = find_program(process->argv[0]),
		.in = process->stdin_fd,
		.out = out,
		.err = err_fd,
		.parent = getpid(),
	};
	if (!launch->path)
		return fail(err, 0, "program '%s' is not installed", process->argv[0]);
	for (const int *fd = process->keep_fds; fd && *fd >= 0; fd++) {
		if (launch->keep_count == KEEP_MAX - 1)
			return fail(err, E2BIG, "too many descriptors for '%s'",
				    process->argv[0]);
		launch->keep[launch->keep_count++] = *fd;
	}
	return 0;
}

/* Fork and exec; an exec that fails is told through a pipe that a good one closes. */
static pid_t spawn(struct launch *launch, struct error *err)
{
	auto_close int report = -1, child_report = -1, null = -1;
	int pipe_fds[2], code = 0;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	report = pipe_fds[0];
	child_report = pipe_fds[1];
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return fail(err, errno, "cannot open '/dev/null'");
	if (launch->in <= 0)
		launch->in = null;
	launch->keep[launch->keep_count++] = child_report;
	launch->env = make_env(launch->process->env);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(launch, child_report);
	free_words(&launch->env);
	if (pid < 0)
		return fail(err, errno, "cannot fork");
	close_fd(&child_report);
	while (read(report, &code, sizeof(code)) < 0 && errno == EINTR)
		;
	if (code) {
		waitpid(pid, NULL, 0);
		return fail(err, code, "cannot run '%s'", launch->process->argv[0]);
	}
	return pid;
}

pid_t process_start(const struct process *process, struct error *err)
{
	struct launch launch;
	pid_t pid = -1;

	if (prepare(process, process->stdout_fd > 0 ? process->stdout_fd : STDOUT_FILENO,
		    process->stderr_fd > 0 ? process->stderr_fd : STDERR_FILENO, &launch,
		    err) == 0)
		pid = spawn(&launch, err);
	free(launch.path);
	return pid;
}

int process_wait(pid_t pid, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(err, errno, "cannot wait for process %d", (int)pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* One reading of what a pipe holds; false when it holds nothing now. Its end closes it. */
static bool drain(int *fd, struct strbuf *text)
{
	char bytes[65536];
	ssize_t got = *fd >= 0 ? read(*fd, bytes, sizeof(bytes)) : -1;

	if (got > 0 && text->len < OUTPUT_MAX)
		strbuf_add(text, bytes, (size_t)got);
	if (got == 0)
		close_fd(fd);
	return got > 0;
}

/*
 * Collect what the two pipes bring until the program ends; what it leaves running in
 * the background may keep them open. False when time is up.
 */
static bool collect(int pidfd, int *fds, struct strbuf **texts, unsigned timeout_s)
{
	int64_t end = clock_ms() + (int64_t)timeout_s * 1000;

	for (;;) {
		struct pollfd polls[3] = { { .fd = fds[0], .events = POLLIN },
					   { .fd = fds[1], .events = POLLIN },
					   { .fd = pidfd, .events = POLLIN } };
		int ready = poll(polls, 3, timeout_s ? clock_left_ms(end) : -1);

		if (ready == 0)
			return false;
		for (int i = 0; ready > 0 && i < 2; i++)
			if (polls[i].revents)
				drain(&fds[i], texts[i]);
		if (ready > 0 && polls[2].revents)
			break;
	}
	for (int i = 0; i < 2; i++)
		while (drain(&fds[i], texts[i]))
			;
	return true;
}

static int last_line(const struct strbuf *text, struct slice *out)
{
	struct slice rest = strbuf_slice(text), line;

	*out = slice_of("", 0);
	while (slice_line(&rest, &line))
		if (slice_trim(line).len)
			*out = slice_trim(line);
	return out->len > 0;
}

static int judge(const struct process *process, int status, const struct strbuf *errors,
		 struct error *err)
{
	const char *name = process->argv[0];
	struct slice line;

	if (status == 0)
		return 0;
	if (status > 128)
		fail(err, 0, "'%s' got signal %d", name, status - 128);
	else
		fail(err, 0, "'%s' failed: exit code %d", name, status);
	if (last_line(errors, &line)) {
		size_t len = strlen(err->text);
		snprintf(err->text + len, sizeof(err->text) - len, ": " SLICE_FMT,
			 SLICE_ARG(line));
	}
	err->code = status > 128 ? EINTR : 0;
	return -1;
}

bool process_was_cut_off(const struct error *err)
{
	return err->code == EINTR || err->code == ETIMEDOUT;
}

static int make_pipe(bool wanted, int *reading, int *writing, struct error *err)
{
	int fds[2];

	if (!wanted)
		return 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*reading = fds[0];
	*writing = fds[1];
	return 0;
}

static void end_late(const struct process *process, pid_t pid, int pidfd)
{
	struct pollfd over = { .fd = pidfd, .events = POLLIN };

	if (process->gentle) {
		kill(pid, SIGTERM);
		if (poll(&over, 1, GENTLE_MS) > 0)
			return;
	}
	kill(pid, SIGKILL);
}

static int run_prepared(struct launch *launch, int *fds, int *child_out, int *child_err,
			struct error *err)
{
	const struct process *process = launch->process;
	auto_strbuf struct strbuf errors = STRBUF_INIT, ignored = STRBUF_INIT;
	struct strbuf *texts[2] = { process->output ? process->output : &ignored, &errors };
	pid_t pid = spawn(launch, err);
	auto_close int pidfd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	int status;

	close_fd(child_out);
	close_fd(child_err);
	if (pid < 0)
		return -1;
	if (!collect(pidfd, fds, texts, process->timeout_s)) {
		end_late(process, pid, pidfd);
		process_wait(pid, err);
		fail(err, 0, "'%s' failed: got timeout", process->argv[0]);
		err->code = ETIMEDOUT;
		return -1;
	}
	status = process_wait(pid, err);
	return status < 0 ? -1 : judge(process, status, &errors, err);
}

int process_run(const struct process *process, struct error *err)
{
	auto_close int out = -1, child_out = -1, errors = -1, child_err = -1;
	struct launch launch;
	int fds[2], status = -1;

	if (make_pipe(process->output != NULL, &out, &child_out, err) < 0 ||
	    make_pipe(process->stderr_fd <= 0, &errors, &child_err, err) < 0)
		return -1;
	fds[0] = take_fd(&out);
	fds[1] = take_fd(&errors);
	if (prepare(process,
		    child_out >= 0           ? child_out
		    : process->stdout_fd > 0 ? process->stdout_fd
					     : STDOUT_FILENO,
		    child_err >= 0 ? child_err : process->stderr_fd, &launch, err) == 0)
		status = run_prepared(&launch, fds, &child_out, &child_err, err);
	close_fd(&fds[0]);
	close_fd(&fds[1]);
	free(launch.path);
	return status;
}

int process_replace(const char *path, const char *const *argv, struct error *err)
{
	fflush(NULL);
	execv(path, (char *const *)(uintptr_t)argv);
	return fail(err, errno, "cannot run '%s'", path);
}

int process_replace_in_path(const char *const *argv, struct error *err)
{
	fflush(NULL);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	return fail(err, errno, "cannot run '%s'", argv[0]);
}
