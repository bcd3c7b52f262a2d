#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "base/pidfd.h"
#include "test.h"

TEST("a descriptor tells the number of its process, and whether that lives")
{
	auto_close int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	EXPECT_INT(pidfd_pid(self), getpid());
	EXPECT(pidfd_is_alive(self));
}

TEST("of a process that has ended and was waited for there is no number")
{
	auto_close int child = -1;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	child = (int)syscall(SYS_pidfd_open, pid, 0);
	EXPECT(pidfd_is_alive(child));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT(!pidfd_is_alive(child));
	EXPECT_INT(pidfd_pid(child), 0);
	EXPECT_INT(pidfd_pid(-1), 0);
}
