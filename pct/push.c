#include "pct.h"

static const struct prop args[] = {
	VMID_ARG(transfer_options),
	{ .name = "file",
	  .type = PROP_TEXT,
	  .offset = AT(transfer_options, from),
	  .help = "The file on the host.",
	  .type_text = "<string>",
	  .flags = PROP_REQUIRED },
	{ .name = "destination",
	  .type = PROP_TEXT,
	  .offset = AT(transfer_options, to),
	  .help = "The name of the file inside the container.",
	  .type_text = "<string>",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop options[] = { TRANSFER_OPTIONS("inside the container"), { 0 } };

static int push(struct call *call, struct error *err)
{
	const struct transfer_options *opt = call->options;

	return ct_push(&(struct transfer_request){ .vmid = (unsigned)opt->vmid,
						   .from = opt->from,
						   .to = opt->to,
						   .user = opt->user,
						   .group = opt->group,
						   .perms = opt->perms },
		       err);
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
