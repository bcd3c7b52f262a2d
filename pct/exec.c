#include "pct.h"

struct exec_options {
	long long vmid;
	int keep_env;
};

static const struct prop args[] = {
	VMID_ARG(exec_options),
	{ .name = "extra-args",
	  .type = PROP_TEXT,
	  .help = "The command and its arguments; behind \"--\" if one starts with a dash.",
	  .type_text = "<array>",
	  .flags = PROP_EXTRA },
	{ 0 },
};

static const struct prop options[] = {
	{ .name = "keep-env",
	  .type = PROP_BOOL,
	  .offset = AT(exec_options, keep_env),
	  .help = "Keep the environment of the host for the command.",
	  .fallback = "1" },
	{ 0 },
};

/* Whether the container runs comes first, as with a command. */
static int refuse_empty(unsigned vmid, struct error *err)
{
	bool running;

	if (ct_status(vmid, &running, err) < 0)
		return -1;
	if (!running)
		return fail(err, 0, "container '%u' not running!", vmid);
	return fail(err, 0, "missing command");
}

static int exec(struct call *call, struct error *err)
{
	const struct exec_options *opt = call->options;

	if (!call->extra[0])
		return refuse_empty((unsigned)opt->vmid, err);
	return ct_attach((unsigned)opt->vmid, (const char *const *)call->extra,
			 opt->keep_env, err);
}

const struct command cmd_exec = {
	.name = "exec",
	.group = 5,
	.help = "Run a command in a running container; its exit status is passed on.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct exec_options),
	.check = check_exists,
	.flags = CMD_RUNNING,
	.run = exec,
};
