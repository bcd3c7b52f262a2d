#include <limits.h>

#include "pct.h"

struct move_options {
	long long vmid, target_vmid;
	char *volume, *storage, *target_volume, *digest, *target_digest;
	int delete;
	double bwlimit;
};

static const struct prop args[] = {
	VMID_ARG(move_options),
	{ .name = "volume",
	  .type = PROP_ENUM,
	  .offset = AT(move_options, volume),
	  .help = "The key of the volume.",
	  .choices = all_volume_keys,
	  .type_text = "<rootfs|mpN|unusedN>",
	  .flags = PROP_REQUIRED },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(move_options, storage),
	  .help = "The storage that gets a copy of the volume.",
	  .format = &format_storage_id,
	  .type_text = "<storage ID>",
	  .offers = OFFER_CT_STORAGE },
	{ .name = "target-vmid",
	  .type = PROP_INT,
	  .offset = AT(move_options, target_vmid),
	  .help = "The ID of the container that gets the volume.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .format = &format_vmid,
	  .offers = OFFER_GUEST },
	{ .name = "target-volume",
	  .type = PROP_ENUM,
	  .offset = AT(move_options, target_volume),
	  .help = "The key of the volume there; otherwise the same.",
	  .choices = all_volume_keys,
	  .type_text = "<mpN|unusedN>" },
	{ 0 },
};

static const struct prop options[] = {
	{ .name = "delete",
	  .type = PROP_BOOL,
	  .offset = AT(move_options, delete),
	  .help = "Free the old volume when the copy is complete; otherwise it is kept as "
		  "unusedN.",
	  .fallback = "0" },
	{ .name = "digest",
	  .type = PROP_TEXT,
	  .offset = AT(move_options, digest),
	  .help = "Change nothing unless the configuration file has this SHA-1 digest.",
	  .max = 40,
	  .type_text = "<string>" },
	{ .name = "target-digest",
	  .type = PROP_TEXT,
	  .offset = AT(move_options, target_digest),
	  .help = "The same for the file of target-vmid.",
	  .max = 40,
	  .type_text = "<string>" },
	{ .name = "bwlimit",
	  .type = PROP_NUMBER,
	  .offset = AT(move_options, bwlimit),
	  .help = "Copy at most this many KiB/s; 0 is no limit.",
	  .max = LLONG_MAX },
	{ 0 },
};

static struct move_request request_of(const struct call *call)
{
	const struct move_options *opt = call->options;

	return (struct move_request){
		.vmid = (unsigned)opt->vmid,
		.key = opt->volume,
		.storage = opt->storage,
		.target_vmid = opt->target_vmid > 0 ? (unsigned)opt->target_vmid : 0,
		.target_key = opt->target_volume,
		.digest = opt->digest,
		.target_digest = opt->target_digest,
		.delete = opt->delete > 0,
		.bwlimit = opt->bwlimit,
	};
}

static int check(struct call *call, struct error *err)
{
	const struct move_request request = request_of(call);

	return ct_move_check(&request, err);
}

static int move_volume(struct call *call, struct error *err)
{
	const struct move_request request = request_of(call);

	return ct_move(&request, err);
}

const struct command cmd_move_volume = {
	.name = "move-volume",
	.alias = "move_volume",
	.group = 1,
	.help = "Copy a volume of a container to another storage, or hand it over to "
		"another container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct move_options),
	.flags = CMD_WORKER,
	.check = check,
	.run = move_volume,
};
