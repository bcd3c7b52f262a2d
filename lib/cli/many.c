#include "cli/many.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"

#define AT_ONCE_MIN 4
#define OUTPUT_MAX  (16 * 1024 * 1024)
#define ID_WORD     2

struct job {
	unsigned vmid;
	pid_t pid;  /* 0: this place is free */
	int output; /* what it prints, in memory */
};

struct pool {
	char **words; /* the command line; words[ID_WORD] is the id */
	const char *env[3];
	struct job *jobs;
	size_t job_count;
	bool failed;
};

/* For the handler: a job's pid changes only while the signals are blocked. */
static struct pool *current;
static volatile sig_atomic_t interrupted;

/* The jobs have sessions of their own: a terminal's signals reach them only through us. */
static void pass_on(int sig)
{
	int saved = errno;

	(void)sig;
	interrupted = 1;
	for (size_t i = 0; i < current->job_count; i++)
		if (current->jobs[i].pid)
			kill(current->jobs[i].pid, SIGTERM);
	errno = saved;
}

static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

static void catch_signals(sigset_t *set)
{
	struct sigaction action = { .sa_handler = pass_on }, before;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(set, signals[i]);
	action.sa_mask = *set;
	sigprocmask(SIG_BLOCK, set, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &before) == 0 &&
		    (signals[i] != SIGHUP || before.sa_handler != SIG_IGN))
			sigaction(signals[i], &action, NULL);
}

/* program, command, id, options as they were given, NULL. */
static char **command_words(const struct call *call)
{
	const struct keyvals *given = &call->given;
	char **words = xcalloc(given->count + 4, sizeof(*words));
	size_t count = 0;

	words[count++] = path_program();
	words[count++] = xstrdup(call->command->name);
	words[count++] = xstrdup("");
	for (size_t i = 0; i < given->count; i++)
		words[count++] = xasprintf("--%s=%s", given->at[i].key, given->at[i].value);
	return words;
}

/* Lines that a command printed, to stderr. */
static void pass_lines(unsigned vmid, struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line))
		if (line.len)
			fprintf(stderr, "%u: " SLICE_FMT "\n", vmid, SLICE_ARG(line));
}

/* Cuts off the last line that is not empty; the error, as nothing follows it. */
static struct slice take_last_line(struct slice *text)
{
	struct slice whole = slice_trim(*text);
	size_t start = whole.len;

	while (start && whole.at[start - 1] != '\n')
		start--;
	*text = slice_of(whole.at, start);
	return slice_from(whole, start);
}

static void tell(struct pool *pool, unsigned vmid, const char *reason)
{
	pool->failed = pool->failed || reason;
	printf("%u: %s\n", vmid, reason ? reason : "ok");
	fflush(stdout);
}

static void tell_failure(struct pool *pool, unsigned vmid, int status, struct slice text)
{
	auto_free char *reason = NULL;

	if (WIFSIGNALED(status))
		reason = xasprintf("the command was ended by signal %d", WTERMSIG(status));
	else if (slice_trim(text).len)
		reason = slice_dup(take_last_line(&text));
	else
		reason = xasprintf("the command ended with status %d", WEXITSTATUS(status));
	pass_lines(vmid, text);
	tell(pool, vmid, reason);
}

static void tell_end(struct pool *pool, struct job *job, int status)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_close int output = job->output;
	struct error err;

	if (lseek(output, 0, SEEK_SET) < 0 || read_all(output, OUTPUT_MAX, &text, &err) < 0)
		strbuf_cut(&text, 0);
	if (status != 0) {
		tell_failure(pool, job->vmid, status, strbuf_slice(&text));
		return;
	}
	pass_lines(job->vmid, strbuf_slice(&text));
	tell(pool, job->vmid, NULL);
}

static int launch(struct pool *pool, struct job *job, unsigned vmid, struct error *err)
{
	auto_close int output = memfd_create("pct-output", MFD_CLOEXEC);
	pid_t pid;

	if (output < 0)
		return fail(err, errno, "cannot create a file in memory");
	free(pool->words[ID_WORD]);
	pool->words[ID_WORD] = xasprintf("%u", vmid);
	pid = process_start(&(struct process){ .argv = (const char *const *)pool->words,
					       .env = pool->env,
					       .stdout_fd = output,
					       .stderr_fd = output,
					       .detached = true },
			    err);
	if (pid < 0)
		return -1;
	*job = (struct job){ .vmid = vmid, .pid = pid, .output = take_fd(&output) };
	return 0;
}

/* Wait until one ends; signals come through only here. NULL: none runs. */
static struct job *next_end(struct pool *pool, const sigset_t *set, int *status)
{
	siginfo_t info = { 0 };
	int waited;

	do {
		sigprocmask(SIG_UNBLOCK, set, NULL);
		waited = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
		sigprocmask(SIG_BLOCK, set, NULL);
	} while (waited < 0 && errno == EINTR);
	if (waited < 0 || waitpid(info.si_pid, status, 0) < 0)
		return NULL;
	for (size_t i = 0; i < pool->job_count; i++)
		if (pool->jobs[i].pid == info.si_pid)
			return &pool->jobs[i];
	return NULL;
}

static struct job *free_place(struct pool *pool)
{
	for (size_t i = 0; i < pool->job_count; i++)
		if (!pool->jobs[i].pid)
			return &pool->jobs[i];
	return NULL;
}

static void begin(struct pool *pool, struct job *job, unsigned vmid)
{
	struct error err;

	if (interrupted)
		tell(pool, vmid, "received interrupt");
	else if (launch(pool, job, vmid, &err) < 0)
		tell(pool, vmid, err.text);
}

static void run_all(struct pool *pool, const unsigned *ids, size_t count,
		    const sigset_t *set)
{
	size_t next = 0;

	for (;;) {
		struct job *job = free_place(pool);
		int status;

		if (job && next < count) {
			begin(pool, job, ids[next++]);
			continue;
		}
		job = next_end(pool, set, &status);
		if (!job)
			return;
		job->pid = 0;
		tell_end(pool, job, status);
	}
}

static size_t places(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > AT_ONCE_MIN ? (size_t)cpus : AT_ONCE_MIN;
}

int many_run(struct call *call)
{
	auto_words char **words = command_words(call);
	auto_free char *root = xasprintf("PCT_ROOT=%s", path_root());
	auto_free struct job *jobs = xcalloc(places(), sizeof(*jobs));
	struct pool pool = { .words = words,
			     .env = { root, getenv("PCT_DEBUG") ? "PCT_DEBUG=1" : NULL },
			     .jobs = jobs,
			     .job_count = places() };
	sigset_t set;

	current = &pool;
	catch_signals(&set);
	run_all(&pool, call->ids, call->id_count, &set);
	return pool.failed ? CLI_FAILED : CLI_OK;
}
