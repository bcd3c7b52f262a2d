#include "pct.h"

struct start_options {
	long long vmid;
	int skiplock, debug;
};

static const struct prop args[] = { VMID_ARG(start_options), MANY_ARG, { 0 } };

static const struct prop options[] = {
	{ .name = "skiplock",
	  .type = PROP_BOOL,
	  .offset = AT(start_options, skiplock),
	  .help = "Ignore a lock of the container." },
	{ .name = "debug",
	  .type = PROP_BOOL,
	  .offset = AT(start_options, debug),
	  .help = "Print the debug log of the start, also when it succeeds.",
	  .fallback = "0" },
	{ 0 },
};

static int start(struct call *call, struct error *err)
{
	const struct start_options *opt = call->options;

	return ct_start((unsigned)opt->vmid,
			(opt->skiplock > 0 ? CT_SKIPLOCK : 0) | (opt->debug ? CT_DEBUG : 0),
			err);
}

const struct command cmd_start = {
	.name = "start",
	.group = 4,
	.help = "Start a container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct start_options),
	.flags = CMD_WORKER | CMD_MANY | CMD_STOPPED,
	.check = check_exists,
	.run = start,
};
