#include "pct.h"

struct rollback_options {
	long long vmid;
	char *snapname;
	int start;
};

static const struct prop args[] = { VMID_ARG(rollback_options),
				    OLD_SNAPNAME_ARG(rollback_options),
				    { 0 } };

static const struct prop options[] = {
	{ .name = "start",
	  .type = PROP_BOOL,
	  .offset = AT(rollback_options, start),
	  .help = "Start the container afterwards.",
	  .fallback = "0" },
	{ 0 },
};

static int rollback(struct call *call, struct error *err)
{
	const struct rollback_options *opt = call->options;

	return ct_rollback((unsigned)opt->vmid, opt->snapname, opt->start, err);
}

const struct command cmd_rollback = {
	.name = "rollback",
	.group = 3,
	.help = "Put a container back into the state of a snapshot. A running one is "
		"killed first.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct rollback_options),
	.flags = CMD_WORKER,
	.check = check_exists,
	.run = rollback,
};
