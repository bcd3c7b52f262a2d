#include "base/background.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT 3

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

	for (int i = 0; i < KEPT; i++)
		dup2(null, i);
	if (fd) {
		dup2(*fd, KEPT);
		*fd = KEPT;
	}
	syscall(SYS_close_range, fd ? KEPT + 1U : (unsigned)KEPT, ~0U, 0U);
}

void background_detach(int *fd)
{
	ignore_signals();
	close_others(fd);
}

/*
 * The one in between ends at once: its child is nobody's to wait for, and in a session of
 * its own from the beginning, so that no signal to our group meets it.
 */
int background_start(void (*work)(void *arg), void *arg, struct error *err)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return fail(err, errno, "cannot fork");
	if (pid == 0) {
		ignore_signals();
		pid = fork();
		if (pid == 0) {
			close_others(NULL);
			work(arg);
		}
		_exit(pid < 0 ? 1 : 0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : fail(err, EAGAIN, "cannot fork");
}
