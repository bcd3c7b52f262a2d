#include "pct.h"

struct rescan_options {
	long long vmid;
	int dryrun;
};

static const struct prop options[] = {
	{ .name = "vmid",
	  .type = PROP_INT,
	  .offset = AT(rescan_options, vmid),
	  .help = "Only this container.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .format = &format_vmid,
	  .offers = OFFER_GUEST },
	{ .name = "dryrun",
	  .type = PROP_BOOL,
	  .offset = AT(rescan_options, dryrun),
	  .help = "Only tell what would be written.",
	  .fallback = "0" },
	{ 0 },
};

static int rescan(struct call *call, struct error *err)
{
	const struct rescan_options *opt = call->options;

	return ct_rescan(opt->vmid > 0 ? (unsigned)opt->vmid : 0, opt->dryrun > 0, err);
}

const struct command cmd_rescan = {
	.name = "rescan",
	.group = 5,
	.help = "Find volumes that no configuration knows, and correct the sizes of others.",
	.options = options,
	.options_size = sizeof(struct rescan_options),
	.run = rescan,
};
