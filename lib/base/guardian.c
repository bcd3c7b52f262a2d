#include "base/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"

/* Signals for the terminal's group, or from its hangup, are not for this process. */
static void ignore_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };

	setsid();
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* Nobody waits in vain for the end of our output, or for a lock that we would share. */
static void close_others(int *fd)
{
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3; i++)
		dup2(null, i);
	dup2(*fd, 3);
	*fd = 3;
	syscall(SYS_close_range, 4U, ~0U, 0U);
}

/* A byte is a release; the end of the pipe is the end of the other process. */
static void watch(int fd, void (*work)(void *), void *arg)
{
	char byte;
	ssize_t got;

	ignore_signals();
	close_others(&fd);
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
