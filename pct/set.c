#include "base/interrupt.h"
#include "pct.h"

struct set_options {
	long long vmid;
	char *delete, *revert, *digest;
};

static const struct prop args[] = { VMID_ARG(set_options), { 0 } };

static const struct prop options[] = {
	{ .name = "delete",
	  .type = PROP_TEXT,
	  .offset = AT(set_options, delete),
	  .help = "Settings to remove, back to their defaults.",
	  .format = &format_config_id,
	  .flags = PROP_LIST,
	  .offers = OFFER_KEY },
	{ .name = "revert",
	  .type = PROP_TEXT,
	  .offset = AT(set_options, revert),
	  .help = "Settings whose pending change is dropped.",
	  .format = &format_config_id,
	  .flags = PROP_LIST,
	  .offers = OFFER_PENDING_KEY },
	{ .name = "digest",
	  .type = PROP_TEXT,
	  .offset = AT(set_options, digest),
	  .help = "Change nothing unless the configuration file has this SHA-1 digest.",
	  .max = 40 },
	{ 0 },
};

static int set(struct call *call, struct error *err)
{
	const struct set_options *opt = call->options;

	/* A change is brought to its end when nobody reads about its volume any more. */
	interrupt_outlive_readers();
	return ct_set(&(struct set_request){ .vmid = (unsigned)opt->vmid,
					     .config = &call->config,
					     .delete = opt->delete,
					     .revert = opt->revert,
					     .digest = opt->digest },
		      err);
}

const struct command cmd_set = {
	.name = "set",
	.group = 2,
	.help = "Change options of a container. What a running one cannot take at once "
		"waits for its next start.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct set_options),
	.flags = CMD_CONFIG_KEYS,
	.run = set,
};
