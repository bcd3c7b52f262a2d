#include "pct.h"

static const struct prop args[] = {
	VMID_ARG(transfer_options),
	TRANSFER_FILE("file", from, "The file on the host."),
	TRANSFER_FILE("destination", to, "The name of the file inside the container."),
	{ 0 },
};

static const struct prop options[] = { TRANSFER_OPTIONS("inside the container"), { 0 } };

static int push(struct call *call, struct error *err)
{
	const struct transfer_request request = transfer_of(call);

	return ct_push(&request, err);
}

const struct command cmd_push = {
	.name = "push",
	.group = 5,
	.help = "Copy a file of the host into a running container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct transfer_options),
	.flags = CMD_WORKER | CMD_RUNNING,
	.check = check_exists,
	.run = push,
};
