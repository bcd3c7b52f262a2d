#include "pct.h"

struct destroy_options {
	long long vmid;
	int force, purge, unreferenced;
};

static const struct prop args[] = { VMID_ARG(destroy_options), { 0 } };

static const struct prop options[] = {
	{ .name = "force",
	  .type = PROP_BOOL,
	  .offset = AT(destroy_options, force),
	  .help = "Destroy the container also when it runs; it is stopped hard.",
	  .fallback = "0" },
	{ .name = "purge",
	  .type = PROP_BOOL,
	  .offset = AT(destroy_options, purge),
	  .help = "Remove the container also from backup jobs.",
	  .fallback = "0" },
	{ .name = "destroy-unreferenced-disks",
	  .type = PROP_BOOL,
	  .offset = AT(destroy_options, unreferenced),
	  .help = "Free also volumes with this id that the configuration does not name, on "
		  "all "
		  "enabled storages.",
	  .fallback = "0" },
	{ 0 },
};

static int destroy(struct call *call, struct error *err)
{
	const struct destroy_options *opt = call->options;
	unsigned flags = 0;

	flags |= opt->force ? CT_FORCE : 0;
	flags |= opt->purge ? CT_PURGE : 0;
	flags |= opt->unreferenced ? CT_DESTROY_UNREFERENCED : 0;
	return ct_destroy((unsigned)opt->vmid, flags, err);
}

const struct command cmd_destroy = {
	.name = "destroy",
	.group = 1,
	.help = "Destroy a container with all its volumes.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct destroy_options),
	.flags = CMD_WORKER | CMD_STOPPED,
	.check = check_exists,
	.run = destroy,
};
