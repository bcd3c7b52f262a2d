#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/memexec.h"
#include "base/process.h"

/* The status of a shell script that runs from a sealed copy of the shell. */
static int run_sealed(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct error err;
	pid_t pid = fork();

	if (pid == 0) {
		exec_sealed("/bin/sh", argv, &err);
		_exit(99);
	}
	return process_wait(pid, &err);
}

TEST("a program runs from a sealed copy with its arguments, and its status comes back")
{
	EXPECT_INT(run_sealed("exit 7"), 7);
}

TEST("the sealed copy cannot be written through /proc")
{
	EXPECT_INT(run_sealed("{ echo x >/proc/$$/exe; } 2>/dev/null && exit 1; exit 0"),
		   0);
}

TEST("a program on disk is not taken for a sealed copy")
{
	EXPECT(!exec_is_sealed());
}

TEST("a program that does not exist is an error that names it")
{
	const char *const argv[] = { "x", NULL };
	struct error err;

	EXPECT(exec_sealed("/nonexistent/x", argv, &err) < 0);
	EXPECT_TEXT(err.text, "cannot open '/nonexistent/x': No such file or directory");
}
