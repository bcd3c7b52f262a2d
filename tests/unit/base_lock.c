#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/lock.h"
#include "base/own.h"
#include "test.h"

/* Another process that holds the lock until it is killed. */
static pid_t hold(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		struct lock lock = { 0 };
		struct error err;

		if (lock_take(path, 1, &lock, &err) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		byte = 0;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

TEST("a lock is re-entrant inside one process and free after the last release")
{
	auto_free char *path = xasprintf("%s/reentrant", test_dir());
	struct lock one = { 0 }, two = { 0 };
	struct error err;
	pid_t pid;

	EXPECT_INT(lock_take(path, 1, &one, &err), 0);
	EXPECT_INT(lock_take(path, 1, &two, &err), 0);
	lock_free(&one);
	lock_free(&two);
	pid = hold(path);
	EXPECT(pid > 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST("a lock that another process holds is refused, and is free once it is killed")
{
	auto_free char *path = xasprintf("%s/held", test_dir());
	auto_lock struct lock lock = { 0 };
	auto_free char *want = xasprintf("can't lock file '%s' - got timeout", path);
	pid_t pid = hold(path);
	struct error err;

	EXPECT_INT(lock_try(path, &lock, &err), -1);
	EXPECT_INT(err.code, EWOULDBLOCK);
	EXPECT_INT(lock_take(path, 0, &lock, &err), -1);
	EXPECT_TEXT(err.text, want);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT_INT(lock_try(path, &lock, &err), 0);
}

TEST("an interrupt ends the wait for a lock at once")
{
	auto_free char *path = xasprintf("%s/interrupted", test_dir());
	pid_t holder = hold(path), waiter;
	int status = -1;

	EXPECT(holder > 0);
	waiter = fork();
	if (waiter == 0) {
		struct lock lock = { 0 };
		struct error err = { 0 };

		interrupt_catch();
		alarm(5);
		raise(SIGINT);
		_exit(lock_take(path, 60, &lock, &err) < 0 &&
				      strcmp(err.text, "received interrupt") == 0
			      ? 0
			      : 1);
	}
	EXPECT(waitpid(waiter, &status, 0) == waiter && WIFEXITED(status));
	EXPECT_INT(WEXITSTATUS(status), 0);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}
