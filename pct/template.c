#include "pct.h"

static int template(struct call *call, struct error *err)
{
	const struct vmid_options *opt = call->options;

	return ct_template((unsigned)opt->vmid, err);
}

const struct command cmd_template = {
	.name = "template",
	.group = 1,
	.help = "Make a container a template: it cannot be started any more, and linked "
		"clones share its volumes.",
	.args = vmid_args,
	.options_size = sizeof(struct vmid_options),
	.flags = CMD_WORKER | CMD_STOPPED,
	.check = check_exists,
	.run = template,
};
