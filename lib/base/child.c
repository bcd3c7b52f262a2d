#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/own.h"

void *child_shared(size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort(); /* as without memory */
	return memory;
}

static void child(int (*body)(void *, struct error *), void *arg, int report, pid_t parent)
{
	struct error err = { 0 };
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	status = body(arg, &err);
	fflush(NULL);
	if (status < 0 && write(report, &err, sizeof(err)) != sizeof(err))
		_exit(2);
	_exit(status < 0 ? 1 : 0);
}

static int judge(int status, int report, struct error *err)
{
	struct error told;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return fail(err, 0, "got signal %d", WTERMSIG(status));
	if (read(report, &told, sizeof(told)) == sizeof(told))
		*err = told;
	else
		fail(err, 0, "a child process failed");
	return -1;
}

int child_run(int (*body)(void *arg, struct error *err), void *arg, struct error *err)
{
	auto_close int report = -1, child_report = -1;
	int fds[2], status;
	pid_t pid, parent = getpid();

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	report = fds[0];
	child_report = fds[1];
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(err, errno, "cannot fork");
	if (pid == 0)
		child(body, arg, child_report, parent);
	close_fd(&child_report);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return fail(err, errno, "cannot wait for a child process");
		if (interrupt_seen())
			kill(pid, SIGTERM);
	}
	return judge(status, report, err);
}
