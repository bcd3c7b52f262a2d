#include "pct.h"

static int pending(struct call *call, struct error *err)
{
	return print_read(call->options, ct_pending_text, ct_pending_value, err);
}

const struct command cmd_pending = {
	.name = "pending",
	.group = 1,
	.help = "Show the configuration of a container with what is pending: cur, new and del.",
	.args = read_args,
	.options = read_options,
	.options_size = sizeof(struct read_options),
	.run = pending,
};
