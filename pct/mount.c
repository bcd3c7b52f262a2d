#include "pct.h"

static int mount_volumes(struct call *call, struct error *err)
{
	const struct vmid_options *opt = call->options;

	return ct_mount((unsigned)opt->vmid, err);
}

const struct command cmd_mount = {
	.name = "mount",
	.group = 5,
	.help = "Mount the volumes of a container on the host, and lock it.",
	.args = vmid_args,
	.options_size = sizeof(struct vmid_options),
	.run = mount_volumes,
};
