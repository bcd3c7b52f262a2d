#include "pct.h"

static const struct prop args[] = {
	VMID_ARG(transfer_options),
	TRANSFER_FILE("path", from, "The file inside the container."),
	TRANSFER_FILE("destination", to, "The name of the file on the host."),
	{ 0 },
};

static const struct prop options[] = { TRANSFER_OPTIONS("of the host"), { 0 } };

static int pull(struct call *call, struct error *err)
{
	const struct transfer_request request = transfer_of(call);

	return ct_pull(&request, err);
}

const struct command cmd_pull = {
	.name = "pull",
	.group = 5,
	.help = "Copy a file out of a running container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct transfer_options),
	.flags = CMD_WORKER | CMD_RUNNING,
	.check = check_exists,
	.run = pull,
};
