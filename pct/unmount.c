#include "pct.h"

static int unmount_volumes(struct call *call, struct error *err)
{
	const struct vmid_options *opt = call->options;

	return ct_unmount((unsigned)opt->vmid, err);
}

const struct command cmd_unmount = {
	.name = "unmount",
	.group = 5,
	.help = "Unmount the volumes of a container that mount has mounted.",
	.args = vmid_args,
	.options_size = sizeof(struct vmid_options),
	.run = unmount_volumes,
};
