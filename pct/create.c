#include <limits.h>

#include "base/log.h"
#include "pct.h"

struct create_options {
	long long vmid;
	char *ostemplate, *storage, *password, *ssh_keys, *pool;
	int start, ignore_unpack_errors, ha_managed;
	double bwlimit;
	struct creation *creation; /* what the early checks found out */
};

static const struct prop args[] = {
	VMID_ARG(create_options),
	{ .name = "ostemplate",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, ostemplate),
	  .help = "The template: a volume \"storage:vztmpl/file\" or the path of an "
		  "archive.",
	  .max = 255,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_TEMPLATE },
	{ 0 },
};

static const struct prop options[] = {
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, storage),
	  .help = "Storage for volumes that are given by size only.",
	  .fallback = "local",
	  .format = &format_storage_id,
	  .type_text = "<storage ID>",
	  .offers = OFFER_CT_STORAGE },
	{ .name = "password",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, password),
	  .help = "Root password inside the container; asked for when no value is given.",
	  .min = 5,
	  .flags = PROP_VALUE_OPTIONAL,
	  .type_text = "<password>" },
	{ .name = "ssh-public-keys",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, ssh_keys),
	  .help = "File with public SSH keys for root, one per line in OpenSSH format.",
	  .flags = PROP_FILE },
	{ .name = "start",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, start),
	  .help = "Start the container after it was created.",
	  .fallback = "0" },
	{ .name = "ignore-unpack-errors",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, ignore_unpack_errors),
	  .help = "Go on when the template cannot be unpacked without errors." },
	{ .name = "bwlimit",
	  .type = PROP_NUMBER,
	  .offset = AT(create_options, bwlimit),
	  .help = "Read the template with at most this many KiB/s; 0 is no limit.",
	  .max = LLONG_MAX },
	{ .name = "pool",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, pool),
	  .help = "Pool of a cluster that the container joins.",
	  .pattern = "[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}",
	  .type_text = "<string>" },
	{ .name = "ha-managed",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, ha_managed),
	  .help = "Let the high availability of a cluster manage the container.",
	  .fallback = "0" },
	{ 0 },
};

static void warn_about_cluster(const struct create_options *opt)
{
	if (opt->pool)
		warn_plain("pool '%s' is ignored: this host is not in a cluster",
			   opt->pool);
	if (opt->ha_managed)
		warn_plain("ha-managed is ignored: this host is not in a cluster");
}

static int check(struct call *call, struct error *err)
{
	struct create_options *opt = call->options;
	bool has_storage = keyvals_get(&call->given, "storage") != NULL;
	const struct create_request request = {
		.vmid = (unsigned)opt->vmid,
		.ostemplate = opt->ostemplate,
		.storage = has_storage ? opt->storage : NULL,
		.password = opt->password,
		.ssh_keys = opt->ssh_keys,
		.config = &call->config,
		.start = opt->start,
		.ignore_unpack_errors = opt->ignore_unpack_errors > 0,
		.bwlimit = opt->bwlimit,
	};

	warn_about_cluster(opt);
	return ct_create_prepare(&request, &opt->creation, err);
}

static int create(struct call *call, struct error *err)
{
	struct create_options *opt = call->options;

	return ct_create_run(opt->creation, err);
}

static void release(void *held)
{
	struct create_options *opt = held;

	ct_creation_free(&opt->creation);
}

const struct command cmd_create = {
	.name = "create",
	.group = 1,
	.help = "Create a container from a template.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct create_options),
	.flags = CMD_WORKER | CMD_CONFIG_KEYS,
	.check = check,
	.run = create,
	.release = release,
};
