#include "pct.h"

struct fstrim_options {
	long long vmid;
	int ignore_mountpoints;
};

static const struct prop args[] = { VMID_ARG(fstrim_options), { 0 } };

static const struct prop options[] = {
	{ .name = "ignore-mountpoints",
	  .type = PROP_BOOL,
	  .offset = AT(fstrim_options, ignore_mountpoints),
	  .help = "Leave all mount points out: only the root file system.",
	  .fallback = "0" },
	{ 0 },
};

static int fstrim(struct call *call, struct error *err)
{
	const struct fstrim_options *opt = call->options;

	return ct_fstrim((unsigned)opt->vmid, opt->ignore_mountpoints > 0, err);
}

const struct command cmd_fstrim = {
	.name = "fstrim",
	.group = 5,
	.help = "Give blocks that the volumes of a container do not use back to the storage.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct fstrim_options),
	.run = fstrim,
};
