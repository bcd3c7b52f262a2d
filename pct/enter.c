#include "pct.h"

struct enter_options {
	long long vmid;
	int keep_env;
};

static const struct prop args[] = { VMID_ARG(enter_options), { 0 } };

static const struct prop options[] = {
	{ .name = "keep-env",
	  .type = PROP_BOOL,
	  .offset = AT(enter_options, keep_env),
	  .help = "Keep the environment of the host for the shell.",
	  .fallback = "1" },
	{ 0 },
};

static int enter(struct call *call, struct error *err)
{
	const struct enter_options *opt = call->options;

	return ct_attach((unsigned)opt->vmid, NULL, opt->keep_env, err);
}

const struct command cmd_enter = {
	.name = "enter",
	.group = 5,
	.help = "Open a root shell in a running container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct enter_options),
	.check = check_exists,
	.flags = CMD_RUNNING,
	.run = enter,
};
