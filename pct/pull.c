#include "pct.h"

static const struct prop args[] = {
	VMID_ARG(transfer_options),
	{ .name = "path",
	  .type = PROP_TEXT,
	  .offset = AT(transfer_options, from),
	  .help = "The file inside the container.",
	  .type_text = "<string>",
	  .flags = PROP_REQUIRED },
	{ .name = "destination",
	  .type = PROP_TEXT,
	  .offset = AT(transfer_options, to),
	  .help = "The name of the file on the host.",
	  .type_text = "<string>",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop options[] = { TRANSFER_OPTIONS("of the host"), { 0 } };

static int pull(struct call *call, struct error *err)
{
	const struct transfer_options *opt = call->options;

	return ct_pull(&(struct transfer_request){ .vmid = (unsigned)opt->vmid,
						   .from = opt->from,
						   .to = opt->to,
						   .user = opt->user,
						   .group = opt->group,
						   .perms = opt->perms },
		       err);
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
