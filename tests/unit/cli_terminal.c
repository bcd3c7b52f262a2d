#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/own.h"
#include "base/strbuf.h"
#include "cli/password.h"
#include "cli/worker.h"
#include "test.h"

/* A process on a terminal of its own, and what it has printed there. */
struct session {
	int fd;
	pid_t pid;
	struct strbuf seen;
};

static void session_start(struct session *session, int (*body)(void))
{
	*session = (struct session){ .fd = -1, .seen = STRBUF_INIT };
	fflush(NULL);
	session->pid = forkpty(&session->fd, NULL, NULL, NULL);
	if (session->pid == 0)
		_exit(body());
}

/* Read until the text has been seen; false after 5 s or at the end. */
static bool session_sees(struct session *session, const char *text)
{
	while (!strstr(session->seen.at, text)) {
		struct pollfd wait = { .fd = session->fd, .events = POLLIN };
		char bytes[256];
		ssize_t got = poll(&wait, 1, 5000) > 0
				      ? read(session->fd, bytes, sizeof(bytes))
				      : 0;

		if (got <= 0)
			return false;
		strbuf_add(&session->seen, bytes, (size_t)got);
	}
	return true;
}

static void session_type(struct session *session, const char *keys)
{
	EXPECT_INT(write(session->fd, keys, strlen(keys)), strlen(keys));
}

static int session_end(struct session *session)
{
	int status = 0;

	session_sees(session, "(never)");
	close(session->fd);
	waitpid(session->pid, &status, 0);
	strbuf_done(&session->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int ask_password(void)
{
	char *password = NULL;
	struct error err;

	if (password_read(&password, &err) < 0)
		printf("error: %s\n", err.text);
	else
		printf("password: %s\n", password);
	fflush(stdout);
	free(password);
	return 0;
}

TEST("on a terminal a password is asked for twice and shows as asterisks")
{
	struct session session;

	session_start(&session, ask_password);
	EXPECT(session_sees(&session, "Enter new password: "));
	session_type(&session, "se\xc3\xa9x\x7f\r");
	EXPECT(session_sees(&session, "****\b \b\r\nRetype new password: "));
	session_type(&session, "wrong\x15se\xc3\xa9\n");
	EXPECT(session_sees(&session, "password: se\xc3\xa9\r\n"));
	EXPECT_INT(session_end(&session), 0);
}

TEST("Ctrl-C aborts the question for a password")
{
	struct session session;

	session_start(&session, ask_password);
	EXPECT(session_sees(&session, "Enter new password: "));
	session_type(&session, "ab\x03");
	EXPECT(session_sees(&session, "error: password input aborted"));
	EXPECT_INT(session_end(&session), 0);
}

static int wait_for_interrupt(void *arg, struct error *err)
{
	(void)arg;
	printf("working\n");
	for (int i = 0; i < 500; i++) {
		if (interrupt_check(err) < 0)
			return -1;
		usleep(10000);
	}
	return 0;
}

static int run_worker(int (*body)(void *, struct error *))
{
	struct error err;

	if (worker_run(body, NULL, &err) < 0)
		printf("error: %s\n", err.text);
	printf("foreground: %d\n", tcgetpgrp(STDIN_FILENO) == getpgrp());
	fflush(stdout);
	return 0;
}

static int run_interruptible(void)
{
	return run_worker(wait_for_interrupt);
}

TEST("Ctrl-C reaches a worker, which cleans up; the terminal comes back")
{
	struct session session;

	session_start(&session, run_interruptible);
	EXPECT(session_sees(&session, "working"));
	session_type(&session, "\x03");
	EXPECT(session_sees(&session, "error: received interrupt"));
	EXPECT(session_sees(&session, "foreground: 1"));
	EXPECT_INT(session_end(&session), 0);
}

static int read_answer(void *arg, struct error *err)
{
	char line[32];

	(void)arg;
	printf("question\n");
	if (!fgets(line, sizeof(line), stdin))
		return fail(err, errno, "cannot read");
	printf("answer %s", line);
	return 0;
}

static int run_asking(void)
{
	return run_worker(read_answer);
}

TEST("a worker can read from the terminal")
{
	struct session session;

	session_start(&session, run_asking);
	EXPECT(session_sees(&session, "question"));
	session_type(&session, "yes\n");
	EXPECT(session_sees(&session, "answer yes"));
	EXPECT_INT(session_end(&session), 0);
}

static int outlive_terminal(void *arg, struct error *err)
{
	const int *report = arg;

	printf("working\n");
	for (int i = 0; i < 500 && !interrupt_seen(); i++)
		usleep(10000);
	return write(*report, interrupt_seen() ? "T" : "-", 1) == 1 ? 0 : fail(err, 0, "x");
}

static int orphan_report;

static int run_orphan(void)
{
	struct error err;

	return worker_run(outlive_terminal, &orphan_report, &err);
}

TEST("a worker whose parent is killed and whose terminal hangs up can clean up")
{
	struct session session;
	char told = 0;
	int fds[2];

	EXPECT_INT(pipe(fds), 0);
	orphan_report = fds[1];
	session_start(&session, run_orphan);
	close(fds[1]);
	EXPECT(session_sees(&session, "working"));
	kill(session.pid, SIGKILL);
	EXPECT_INT(read(fds[0], &told, 1), 1);
	EXPECT_INT(told, 'T');
	EXPECT_INT(session_end(&session), 128 + SIGKILL);
	close(fds[0]);
}
