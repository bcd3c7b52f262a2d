#include "pct.h"

static int unlock(struct call *call, struct error *err)
{
	const struct vmid_options *opt = call->options;

	return ct_unlock((unsigned)opt->vmid, err);
}

const struct command cmd_unlock = {
	.name = "unlock",
	.group = 5,
	.help = "Remove the lock key of a container, whatever set it.",
	.args = vmid_args,
	.options_size = sizeof(struct vmid_options),
	.run = unlock,
};
