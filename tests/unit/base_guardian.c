#include "base/guardian.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.h"
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

static void leave_mark_later(void *arg)
{
	clock_pause(100);
	leave_mark(arg);
}

static void go_on_in_background(struct guardian *guardian)
{
	auto_free char *mark = xasprintf("%s/background", test_dir());
	struct error err;

	guardian_release(guardian);
	if (background_start(leave_mark_later, mark, &err) == 0)
		kill(-getpid(), SIGKILL);
}

static void leave_group(struct guardian *guardian)
{
	setpgid(0, 0);
	go_on_in_background(guardian);
}

/* The pipe of a parent that waits for the end of our output. */
static void check_descriptors(void *arg)
{
	clock_pause(100);
	if (fcntl(*(int *)arg, F_GETFD) < 0 && fcntl(0, F_GETFD) >= 0)
		leave_mark(xasprintf("%s/closed", test_dir()));
}

TEST("work in the background outlives the process and the group that started it")
{
	auto_free char *mark = xasprintf("%s/background", test_dir());

	is_done_after("group", leave_group);
	for (int64_t end = clock_ms() + 5000; !path_exists(mark) && clock_ms() < end;)
		clock_pause(5);
	EXPECT(path_exists(mark));
}

TEST("work in the background holds no descriptor of ours, and is not waited for")
{
	auto_free char *mark = xasprintf("%s/closed", test_dir());
	int fds[2] = { -1, -1 };
	struct error err;
	char byte;

	EXPECT(pipe(fds) == 0);
	EXPECT(background_start(check_descriptors, &fds[1], &err) == 0);
	EXPECT(waitpid(-1, NULL, WNOHANG) < 0);
	close(fds[1]);
	EXPECT(read(fds[0], &byte, 1) == 0);
	close(fds[0]);
	for (int64_t end = clock_ms() + 5000; !path_exists(mark) && clock_ms() < end;)
		clock_pause(5);
	EXPECT(path_exists(mark));
}
