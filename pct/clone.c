#include <limits.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "pct.h"

struct clone_options {
	long long vmid, newid;
	int full;
	char *snapname, *storage, *hostname, *description, *pool, *target;
	double bwlimit;
};

static const struct prop args[] = {
	VMID_ARG(clone_options),
	{ .name = "newid",
	  .type = PROP_INT,
	  .offset = AT(clone_options, newid),
	  .help = "The ID of the clone.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .flags = PROP_REQUIRED,
	  .format = &format_vmid },
	{ 0 },
};

static const struct prop options[] = {
	{ .name = "full",
	  .type = PROP_BOOL,
	  .offset = AT(clone_options, full),
	  .help = "Copy all data. Without it the clone shares the volumes that it comes "
		  "from; that is the default for templates." },
	{ .name = "snapname",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, snapname),
	  .help = "Clone the state of this snapshot.",
	  .max = 40,
	  .format = &format_config_id,
	  .offers = OFFER_SNAPSHOT },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, storage),
	  .help = "Storage for the volumes of a full clone.",
	  .format = &format_storage_id,
	  .type_text = "<storage ID>",
	  .offers = OFFER_CT_STORAGE },
	{ .name = "hostname",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, hostname),
	  .help = "Host name of the clone.",
	  .max = 255,
	  .format = &format_dns_name },
	{ .name = "description",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, description),
	  .help = "Notes about the clone." },
	{ .name = "bwlimit",
	  .type = PROP_NUMBER,
	  .offset = AT(clone_options, bwlimit),
	  .help = "Copy at most this many KiB/s; 0 is no limit.",
	  .max = LLONG_MAX },
	{ .name = "pool",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, pool),
	  .help = "Pool of a cluster that the clone joins.",
	  .pattern = "[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}",
	  .type_text = "<string>" },
	{ .name = "target",
	  .type = PROP_TEXT,
	  .offset = AT(clone_options, target),
	  .help = "Node of a cluster for the clone: only this one.",
	  .type_text = "<string>" },
	{ 0 },
};

static int check(struct call *call, struct error *err)
{
	const struct clone_options *opt = call->options;

	if (opt->pool)
		warn_plain("pool '%s' is ignored: this host is not in a cluster",
			   opt->pool);
	if (opt->target && strcmp(opt->target, path_node()) != 0 &&
	    strcmp(opt->target, "localhost") != 0)
		return fail(err, 0, "no such cluster node '%s'", opt->target);
	return check_exists(call, err);
}

static int clone_container(struct call *call, struct error *err)
{
	const struct clone_options *opt = call->options;

	return ct_clone(&(struct clone_request){ .vmid = (unsigned)opt->vmid,
						 .newid = (unsigned)opt->newid,
						 .full = opt->full,
						 .snapname = opt->snapname,
						 .storage = opt->storage,
						 .hostname = opt->hostname,
						 .description = opt->description,
						 .bwlimit = opt->bwlimit },
			err);
}

const struct command cmd_clone = {
	.name = "clone",
	.group = 1,
	.help = "Make a copy of a container, or of a snapshot of it, under a new ID.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct clone_options),
	.flags = CMD_WORKER,
	.check = check,
	.run = clone_container,
};
