#include "base/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.h"
#include "base/own.h"

/* A byte is a release; the end of the pipe is the end of the other process. */
static void watch(int fd, void (*work)(void *), void *arg)
{
	char byte;
	ssize_t got;

	background_detach(&fd);
	do
		got = read(fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		work(arg);
	_exit(0);
}

int guardian_start(void (*work)(void *arg), void *arg, struct guardian *guardian,
		   struct error *err)
{
	auto_close int reading = -1, writing = -1;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	pid = fork();
	if (pid < 0)
		return fail(err, errno, "cannot fork");
	if (pid == 0)
		watch(reading, work, arg);
	*guardian = (struct guardian){ .pid = pid, .fd = take_fd(&writing) };
	return 0;
}

void guardian_release(struct guardian *guardian)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	if (guardian->fd < 0)
		return;
	/* It may have been killed: its pipe has nobody who reads then. */
	sigaction(SIGPIPE, &ignore, &before);
	while (write(guardian->fd, "", 1) < 0 && errno == EINTR)
		;
	sigaction(SIGPIPE, &before, NULL);
	close_fd(&guardian->fd);
	while (waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
