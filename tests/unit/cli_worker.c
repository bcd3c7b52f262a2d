#include "cli/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"
#include "base/process.h"
#include "test.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Run a worker with stdout and stderr of this process going to two files. */
static int run_captured(int (*body)(void *, struct error *), void *arg, struct strbuf *out,
			struct strbuf *errors, struct error *err)
{
	auto_free char *out_path = xasprintf("%s/out", test_dir());
	auto_free char *err_path = xasprintf("%s/err", test_dir());
	int out_before = dup(1), err_before = dup(2), status;
	struct error ignored;

	fflush(NULL);
	dup2(open(out_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), 1);
	dup2(open(err_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600), 2);
	status = worker_run(body, arg, err);
	fflush(NULL);
	dup2(out_before, 1);
	dup2(err_before, 2);
	close(out_before);
	close(err_before);
	EXPECT_INT(read_file(AT_FDCWD, out_path, 65536, out, &ignored), 0);
	EXPECT_INT(read_file(AT_FDCWD, err_path, 65536, errors, &ignored), 0);
	return status;
}

static int chatter(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	printf("one\n");
	fprintf(stderr, "two\n");
	printf("three\n");
	return 0;
}

TEST("what a worker prints on stdout and stderr comes on stdout, in order")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(chatter, NULL, &out, &errors, &err), 0);
	EXPECT_TEXT(out.at, "one\ntwo\nthree\n");
	EXPECT_TEXT(errors.at, "");
}

static int failing(void *arg, struct error *err)
{
	(void)arg;
	err->status = 0;
	return fail(err, 0, "first\nsecond\n");
}

TEST("a worker's error comes back as one line")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(failing, NULL, &out, &errors, &err), -1);
	EXPECT_TEXT(err.text, "first second");
	EXPECT_TEXT(errors.at, "");
}

static int warning(void *arg, struct error *err)
{
	warn_task("a");
	warn_task("b");
	return arg ? fail(err, 0, "no") : 0;
}

TEST("counted warnings are summed up on stderr when the worker succeeded")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(warning, NULL, &out, &errors, &err), 0);
	EXPECT_TEXT(out.at, "WARN: a\nWARN: b\n");
	EXPECT_TEXT(errors.at, "Task finished with 2 warning(s)!\n");
}

TEST("counted warnings of a failed worker are not summed up")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(warning, &err, &out, &errors, &err), -1);
	EXPECT_TEXT(errors.at, "");
}

static int dying(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	return raise(SIGKILL);
}

TEST("a worker that is killed is a failure that names the signal")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(dying, NULL, &out, &errors, &err), -1);
	EXPECT_TEXT(err.text, "the task was ended by signal 9");
}

static int unheard(void *arg, struct error *err)
{
	(void)err;
	printf("one\n");
	*(volatile bool *)arg = true;
	return 0;
}

TEST("a worker that nobody listens to goes on to its end, and says so")
{
	bool *done =
		mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int before = dup(1), fds[2], status;
	struct error err;

	EXPECT(done != MAP_FAILED);
	EXPECT_INT(pipe(fds), 0);
	close(fds[0]);
	fflush(NULL);
	dup2(fds[1], 1);
	status = worker_run(unheard, done, &err);
	dup2(before, 1);
	close(before);
	close(fds[1]);
	EXPECT_INT(status, -1);
	EXPECT_TEXT(err.text, "cannot write to standard output");
	EXPECT(*done);
	munmap(done, 1);
}

static int start_program(void *arg, struct error *err)
{
	const char *const argv[] = { "grep", "-q", "^SigIgn:.*[02468ace]...$",
				     "/proc/self/status", NULL };

	(void)arg;
	return process_run(&(struct process){ .argv = argv }, err);
}

TEST("programs that a worker starts end when nobody reads from them")
{
	struct error err;

	EXPECT_INT(worker_run(start_program, NULL, &err), 0);
}

static int patient(void *arg, struct error *err)
{
	(void)arg;
	kill(getppid(), SIGINT);
	for (int i = 0; i < 1000; i++) {
		if (interrupt_check(err) < 0)
			return -1;
		usleep(10000);
	}
	return 0;
}

TEST("SIGINT to the parent reaches the worker as a question it asks")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(patient, NULL, &out, &errors, &err), -1);
	EXPECT_TEXT(err.text, "received interrupt");
}

static int stubborn(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	for (int i = 0; i < 1000; i++) {
		kill(getppid(), SIGTERM);
		usleep(10000);
	}
	return 0;
}

TEST("a worker that ignores three signals is killed by the fourth")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run_captured(stubborn, NULL, &out, &errors, &err), -1);
	EXPECT_TEXT(err.text, "the task was ended by signal 9");
}

/* Leave a process in the group that would stay for a minute. */
static int leaving(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	if (fork() == 0) {
		signal(SIGTERM, SIG_DFL);
		sleep(60);
		_exit(0);
	}
	usleep(50000);
	return 0;
}

TEST("what a worker leaves in its group is ended, and nothing of it stays as a zombie")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	struct error err;
	double start = now();

	EXPECT_INT(run_captured(leaving, NULL, &out, &errors, &err), 0);
	EXPECT(now() - start < 3);
	EXPECT_INT(waitpid(-1, NULL, WNOHANG), -1);
}

static int report_group(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	printf("%d\n", getpgrp() == getpid() && getsid(0) == getpid());
	return 0;
}

TEST("without a terminal a worker has a session of its own")
{
	auto_strbuf struct strbuf out = STRBUF_INIT, errors = STRBUF_INIT;
	int before = dup(0);
	struct error err;

	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	EXPECT_INT(run_captured(report_group, NULL, &out, &errors, &err), 0);
	dup2(before, 0);
	close(before);
	EXPECT_TEXT(out.at, "1\n");
}
