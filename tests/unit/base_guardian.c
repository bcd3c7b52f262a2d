#include "base/guardian.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "test.h"

static void leave_mark(void *arg)
{
	close(open(arg, O_WRONLY | O_CREAT, 0600));
}

/* A process that starts a guardian and ends as how says; true if its work was done. */
static bool is_done_after(const char *name, void (*how)(struct guardian *guardian))
{
	auto_free char *mark = xasprintf("%s/%s", test_dir(), name);
	pid_t pid = fork();

	if (pid == 0) {
		struct guardian guardian = { .fd = -1 };
		struct error err;

		if (guardian_start(leave_mark, mark, &guardian, &err) == 0)
			how(&guardian);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	/* A deadline for hanging: nobody waits that long when it works. */
	for (int64_t end = clock_ms() + 500; !path_exists(mark) && clock_ms() < end;)
		clock_pause(5);
	return path_exists(mark);
}

static void be_killed(struct guardian *guardian)
{
	(void)guardian;
	raise(SIGKILL);
}

static void release(struct guardian *guardian)
{
	guardian_release(guardian);
}

static void hang_up_group(struct guardian *guardian)
{
	(void)guardian;
	kill(getpid(), SIGTERM);
}

static void lose_guardian(struct guardian *guardian)
{
	kill(guardian->pid, SIGKILL);
	guardian_release(guardian);
}

TEST("the work is done when the process is killed")
{
	EXPECT(is_done_after("killed", be_killed));
	EXPECT(is_done_after("terminated", hang_up_group));
}

TEST("a released guardian does nothing")
{
	EXPECT(!is_done_after("released", release));
}

TEST("releasing a guardian that was killed is no failure")
{
	EXPECT(!is_done_after("lost", lose_guardian));
}
