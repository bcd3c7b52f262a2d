#include "create.h"

#include "base/log.h"

static const struct prop args[] = {
	VMID_ARG(create_options),
	{ .name = "ostemplate",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, ostemplate),
	  .help = "The template: a volume \"storage:vztmpl/file\" or the path of an "
		  "archive; with restore what \"pct restore\" takes.",
	  .max = 255,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_TEMPLATE },
	{ 0 },
};

static const struct prop options[] = {
	CREATE_OPTIONS,
	{ .name = "restore",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, restore),
	  .help = "The archive is a backup: do what \"pct restore\" does." },
	{ .name = "unique",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, unique),
	  .help = UNIQUE_HELP,
	  .requires = "restore" },
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

/* Points into the call. */
static struct create_request make_request(const struct call *call)
{
	const struct create_options *opt = call->options;
	bool has_storage = keyvals_get(&call->given, "storage") != NULL;

	return (struct create_request){
		.vmid = (unsigned)opt->vmid,
		.ostemplate = opt->ostemplate,
		.storage = has_storage ? opt->storage : NULL,
		.password = opt->password,
		.ssh_keys = opt->ssh_keys,
		.config = &call->config,
		.start = opt->start,
		.ignore_unpack_errors = opt->ignore_unpack_errors > 0,
		.bwlimit = opt->bwlimit,
		.force = opt->force > 0,
		.unique = opt->unique > 0,
	};
}

int restore_check(struct call *call, struct error *err)
{
	struct create_options *opt = call->options;
	const struct create_request request = make_request(call);

	warn_about_cluster(opt);
	if (opt->password)
		warn_plain("password has no effect on a restore");
	if (opt->ssh_keys)
		warn_plain("ssh-public-keys has no effect on a restore");
	return ct_restore_prepare(&request, &opt->restoration, err);
}

int create_check(struct call *call, struct error *err)
{
	struct create_options *opt = call->options;
	const struct create_request request = make_request(call);

	if (opt->restore > 0)
		return restore_check(call, err);
	warn_about_cluster(opt);
	if (opt->force > 0)
		warn_plain("force has no effect without restore");
	if (opt->unique > 0)
		warn_plain("unique has no effect without restore");
	return ct_create_prepare(&request, &opt->creation, err);
}

int create_run(struct call *call, struct error *err)
{
	struct create_options *opt = call->options;

	return opt->restoration ? ct_restore_run(opt->restoration, err)
				: ct_create_run(opt->creation, err);
}

void create_release(void *held)
{
	struct create_options *opt = held;

	ct_creation_free(&opt->creation);
	ct_restoration_free(&opt->restoration);
}

const struct command cmd_create = {
	.name = "create",
	.group = 1,
	.help = "Create a container from a template.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct create_options),
	.flags = CMD_WORKER | CMD_CONFIG_KEYS,
	.check = create_check,
	.run = create_run,
	.release = create_release,
};
