#include "pct.h"

struct fsck_options {
	long long vmid;
	char *device;
	int force;
};

static const struct prop args[] = { VMID_ARG(fsck_options), { 0 } };

static const struct prop options[] = {
	{ .name = "device",
	  .type = PROP_ENUM,
	  .offset = AT(fsck_options, device),
	  .help = "The key of the volume to check.",
	  .choices = volume_keys,
	  .type_text = "<rootfs|mpN>",
	  .fallback = "rootfs" },
	{ .name = "force",
	  .type = PROP_BOOL,
	  .offset = AT(fsck_options, force),
	  .help = "Check it even if it seems to be clean.",
	  .fallback = "0" },
	{ 0 },
};

static int fsck(struct call *call, struct error *err)
{
	const struct fsck_options *opt = call->options;

	return ct_fsck((unsigned)opt->vmid, opt->device, opt->force > 0, err);
}

const struct command cmd_fsck = {
	.name = "fsck",
	.group = 5,
	.help = "Check the file system on a volume of a stopped container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct fsck_options),
	.flags = CMD_STOPPED,
	.run = fsck,
};
