#include "pct.h"

struct stop_options {
	long long vmid;
	int skiplock, overrule_shutdown;
};

static const struct prop args[] = { VMID_ARG(stop_options), MANY_ARG, { 0 } };

static const struct prop options[] = {
	{ .name = "skiplock",
	  .type = PROP_BOOL,
	  .offset = AT(stop_options, skiplock),
	  .help = "Ignore a lock of the container." },
	{ .name = "overrule-shutdown",
	  .type = PROP_BOOL,
	  .offset = AT(stop_options, overrule_shutdown),
	  .help = "Abort a shutdown of the container that is under way.",
	  .fallback = "0" },
	{ 0 },
};

static int stop(struct call *call, struct error *err)
{
	const struct stop_options *opt = call->options;

	return ct_stop((unsigned)opt->vmid,
		       (opt->skiplock > 0 ? CT_SKIPLOCK : 0) |
			       (opt->overrule_shutdown ? CT_OVERRULE_SHUTDOWN : 0),
		       err);
}

const struct command cmd_stop = {
	.name = "stop",
	.group = 4,
	.help = "Stop a container at once. Its processes are killed and have no chance to "
		"save what they hold.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct stop_options),
	.flags = CMD_WORKER | CMD_MANY | CMD_RUNNING,
	.check = check_exists,
	.run = stop,
};
