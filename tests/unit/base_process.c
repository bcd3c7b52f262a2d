#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "base/process.h"
#include "test.h"

static int run(const char *const *argv, struct strbuf *output, struct error *err)
{
	return process_run(
		&(struct process){ .argv = argv, .output = output, .timeout_s = 5 }, err);
}

TEST("a program's output is collected, its environment fixed, its stdin empty")
{
	const char *const argv[] = { "env", NULL };
	const char *const cat[] = { "cat", NULL };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run(argv, &out, &err), 0);
	EXPECT_TEXT(out.at, "PATH=" PROCESS_PATH "\nLC_ALL=C\n");
	strbuf_cut(&out, 0);
	EXPECT_INT(run(cat, &out, &err), 0);
	EXPECT_INT(out.len, 0);
}

TEST("a failure names the program, its status and its last line on stderr")
{
	const char *const argv[] = { "ls", "/does-not-exist", NULL };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run(argv, &out, &err), -1);
	EXPECT(strstr(err.text, "'ls' failed: exit code 2: ls: cannot access") == err.text);
	EXPECT(!process_was_cut_off(&err));
}

TEST("a program that is not there, hangs or is killed is told as such")
{
	const char *const missing[] = { "no-such-program", NULL };
	const char *const sleeping[] = { "sleep", "60", NULL };
	const char *const killed[] = { "sh", "-c", "kill -9 $$", NULL };
	struct error err;

	EXPECT_INT(run(missing, NULL, &err), -1);
	EXPECT_TEXT(err.text, "program 'no-such-program' is not installed");
	EXPECT_INT(process_run(&(struct process){ .argv = sleeping, .timeout_s = 1 }, &err),
		   -1);
	EXPECT_TEXT(err.text, "'sleep' failed: got timeout");
	EXPECT(process_was_cut_off(&err));
	EXPECT_INT(run(killed, NULL, &err), -1);
	EXPECT_TEXT(err.text, "'sh' got signal 9");
	EXPECT(process_was_cut_off(&err));
}

TEST("a program whose work must not be cut off is asked to end")
{
	const char *const argv[] = { "sh", "-c",
				     "trap 'echo done; exit' TERM; sleep 60 >&- & wait",
				     NULL };
	struct process process = { .argv = argv, .timeout_s = 1, .gentle = true };
	char text[8] = "";
	struct error err;

	process.stdout_fd = memfd_create("output", 0);
	EXPECT_INT(process_run(&process, &err), -1);
	EXPECT_TEXT(err.text, "'sh' failed: got timeout");
	EXPECT_INT(pread(process.stdout_fd, text, sizeof(text) - 1, 0), 5);
	EXPECT_TEXT(text, "done\n");
	close(process.stdout_fd);
}

TEST("a program is over when it ends, whatever it leaves running on its descriptors")
{
	const char *const argv[] = { "sh", "-c", "sleep 20 & echo started", NULL };
	const char *const closed[] = { "sh", "-c", "exec >&- 2>&-; sleep 20", NULL };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT_INT(run(argv, &out, &err), 0);
	EXPECT_TEXT(out.at, "started\n");
	EXPECT_INT(
		process_run(
			&(struct process){ .argv = closed, .output = &out, .timeout_s = 1 },
			&err),
		-1);
	EXPECT_TEXT(err.text, "'sh' failed: got timeout");
}

TEST("only the descriptors that are handed over reach the program, as 3, 4, ...")
{
	const char *const argv[] = { "ls", "/proc/self/fd", NULL };
	auto_close int extra = open("/dev/null", O_RDONLY),
		       kept = open("/dev/zero", O_RDONLY);
	const int keep[] = { kept, -1 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(extra >= 0);
	EXPECT_INT(
		process_run(
			&(struct process){ .argv = argv, .output = &out, .keep_fds = keep },
			&err),
		0);
	EXPECT_TEXT(out.at, "0\n1\n2\n3\n4\n"); /* 4: ls reading the directory */
}
