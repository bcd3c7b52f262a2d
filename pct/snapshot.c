#include "pct.h"

struct snapshot_options {
	long long vmid;
	char *snapname, *description;
};

static const struct prop args[] = { VMID_ARG(snapshot_options),
				    SNAPNAME_ARG(snapshot_options),
				    { 0 } };

static const struct prop options[] = {
	{ .name = "description",
	  .type = PROP_TEXT,
	  .offset = AT(snapshot_options, description),
	  .help = "A text about the snapshot." },
	{ 0 },
};

static int check(struct call *call, struct error *err)
{
	const struct snapshot_options *opt = call->options;

	return ct_check_snapshot_name(opt->snapname, err) < 0 ? -1
							      : check_exists(call, err);
}

static int snapshot(struct call *call, struct error *err)
{
	const struct snapshot_options *opt = call->options;

	return ct_snapshot(&(struct snapshot_request){ .vmid = (unsigned)opt->vmid,
						       .name = opt->snapname,
						       .description = opt->description },
			   err);
}

const struct command cmd_snapshot = {
	.name = "snapshot",
	.group = 3,
	.help = "Take a snapshot of a container: its configuration and all its volumes. A "
		"running one stands still meanwhile.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct snapshot_options),
	.flags = CMD_WORKER,
	.check = check,
	.run = snapshot,
};
