#include "storage/program.h"

#include <unistd.h>

#include "base/own.h"
#include "base/process.h"

static bool is_installed(const char *name)
{
	struct slice rest = slice(PROCESS_PATH);

	while (rest.at) {
		struct slice dir = slice_cut(rest, ':', &rest);
		auto_free char *path = xasprintf(SLICE_FMT "/%s", SLICE_ARG(dir), name);

		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

int program_run(const struct storage_program *program, struct error *err)
{
	auto_strbuf struct strbuf dropped = STRBUF_INIT;
	const struct process process = {
		.argv = program->argv,
		.timeout_s = program->timeout_s,
		.env = program->env,
		.stdin_fd = program->stdin_fd,
		.stdout_fd = program->stdout_fd,
		.output = program->stdout_fd > 0 ? NULL
			  : program->output      ? program->output
						 : &dropped,
		.gentle = true,
	};

	if (!is_installed(program->argv[0]))
		return fail(err, 0, "program '%s' is not installed (Debian package '%s')",
			    program->argv[0], program->package);
	return process_run(&process, err);
}
