#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "cli/complete.h"
#include "cli/manual.h"
#include "cli/many.h"
#include "cli/options.h"
#include "cli/usage.h"
#include "cli/worker.h"

#define USAGE_ERROR "400 "

int fail_parameter(struct error *err, const char *name, const char *fmt, ...)
{
	char reason[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return fail(err, 0, USAGE_ERROR "Parameter verification failed.\n%s: %s", name,
		    reason);
}

static void print_usage_error(const struct call *call, const char *text)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;

	usage_short(call->program, call->command, &line);
	fprintf(stderr, "%s%s\n", text, line.at);
}

static int report(const struct call *call, const struct error *err)
{
	bool is_worker = call->command->flags & CMD_WORKER;

	fflush(stdout);
	fprintf(stderr, "%s\n", err->text);
	if (slice_starts(slice(err->text), USAGE_ERROR))
		print_usage_error(call, "");
	return err->status && !is_worker ? err->status : CLI_FAILED;
}

static int run_body(void *arg, struct error *err)
{
	struct call *call = arg;

	return call->command->run(call, err);
}

static int run_checked(struct call *call)
{
	const struct command *command = call->command;
	struct error err;

	if (call->ids)
		return many_run(call);
	if (command->check && command->check(call, &err) < 0)
		return report(call, &err);
	if (command->flags & CMD_WORKER ? worker_run(run_body, call, &err) < 0
					: command->run(call, &err) < 0)
		return report(call, &err);
	return call->status;
}

static int run_command(struct call *call, char *const *words)
{
	auto_strbuf struct strbuf usage = STRBUF_INIT;
	struct error err;

	if (options_read(call, words, &usage, &err) == 0)
		return run_checked(call);
	if (!usage.len)
		return report(call, &err);
	print_usage_error(call, usage.at);
	return CLI_FAILED;
}

static int dispatch(const struct program *program, char *const *words)
{
	bool is_implied = command_is_implied(program, words[0]);
	struct call call = { .program = program };
	auto_free void *options = NULL;
	bool ambiguous;
	int status;

	if (!words[0] && !is_implied)
		return usage_fail(program, "no command specified");
	call.command = is_implied ? program->commands[0]
				  : command_find(program, words[0], &ambiguous);
	if (!call.command)
		return usage_fail(program, "%s command '%s %s'",
				  ambiguous ? "incomplete" : "unknown", program->name,
				  words[0]);
	options = xcalloc(1, call.command->options_size + 1);
	call.options = options;
	status = run_command(&call, words + !is_implied);
	options_done(&call);
	return status;
}

/*
 * A file that we open must never become 0, 1 or 2: what is printed would land in it.
 * The substitute refuses what the descriptor is for, so that nothing is lost unseen.
 */
static void fill_standard_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			abort();
}

static int prepare(void)
{
	struct error err;

	fill_standard_fds();
	if (path_init(&err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	if (geteuid() != 0) {
		fputs("please run as root\n", stderr);
		return -1;
	}
	setenv("PATH", "/sbin:/bin:/usr/sbin:/usr/bin", 1);
	return 0;
}

/* A full disk behind stdout is a failure; the reason of an earlier one is forgotten. */
static int finish(int status)
{
	int code = fflush(stdout) != 0 ? errno : 0;

	if (!ferror(stdout))
		return status;
	fprintf(stderr, "cannot write to standard output%s%s\n", code ? ": " : "",
		code ? strerror(code) : "");
	return CLI_FAILED;
}

int cli_main(const struct program *program, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "verifyapi") == 0)
		return CLI_OK;
	if (argc == 3 && strcmp(argv[1], "manual") == 0)
		return finish(manual_print(program, argv[2]));
	if (argc >= 4 && strcmp(argv[1], "bashcomplete") == 0)
		return finish(complete_print(program, argv[3]));
	if (prepare() < 0)
		return CLI_FAILED;
	return finish(dispatch(program, argv + (argc > 0)));
}
