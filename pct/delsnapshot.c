#include "pct.h"

struct delsnapshot_options {
	long long vmid;
	char *snapname;
	int force;
};

static const struct prop args[] = { VMID_ARG(delsnapshot_options),
				    OLD_SNAPNAME_ARG(delsnapshot_options),
				    { 0 } };

static const struct prop options[] = {
	{ .name = "force",
	  .type = PROP_BOOL,
	  .offset = AT(delsnapshot_options, force),
	  .help = "Remove it from the configuration also when a storage fails." },
	{ 0 },
};

static int delsnapshot(struct call *call, struct error *err)
{
	const struct delsnapshot_options *opt = call->options;

	return ct_delsnapshot((unsigned)opt->vmid, opt->snapname, opt->force > 0, err);
}

const struct command cmd_delsnapshot = {
	.name = "delsnapshot",
	.group = 3,
	.help = "Delete a snapshot of a container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct delsnapshot_options),
	.flags = CMD_WORKER,
	.check = check_exists,
	.run = delsnapshot,
};
