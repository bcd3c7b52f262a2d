#include "pct.h"

static int listsnapshot(struct call *call, struct error *err)
{
	return print_read(call->options, ct_snapshot_tree, ct_snapshot_value, err);
}

const struct command cmd_listsnapshot = {
	.name = "listsnapshot",
	.group = 3,
	.help = "List the snapshots of a container as a tree.",
	.args = read_args,
	.options = read_options,
	.options_size = sizeof(struct read_options),
	.run = listsnapshot,
};
