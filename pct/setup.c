#include "pct.h"

struct setup_options {
	long long vmid;
	int dry_run;
};

static const struct prop args[] = { VMID_ARG(setup_options), { 0 } };

static const struct prop options[] = {
	{ .name = "dry-run",
	  .type = PROP_BOOL,
	  .offset = AT(setup_options, dry_run),
	  .help = "Change nothing, but print as a unified diff what a start would change.",
	  .fallback = "0",
	  .flags = PROP_BEYOND },
	{ 0 },
};

static int setup(struct call *call, struct error *err)
{
	const struct setup_options *opt = call->options;

	return ct_setup((unsigned)opt->vmid, opt->dry_run > 0, err);
}

const struct command cmd_setup = {
	.name = "setup",
	.group = 4,
	.help = "Write the files inside a stopped container that a start would write.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct setup_options),
	.flags = CMD_STOPPED,
	.run = setup,
};
