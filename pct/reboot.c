#include <limits.h>

#include "pct.h"

#define REBOOT_TIMEOUT_S 60

struct reboot_options {
	long long vmid, timeout;
};

static const struct prop args[] = { VMID_ARG(reboot_options), MANY_ARG, { 0 } };

static const struct prop options[] = {
	{ .name = "timeout",
	  .type = PROP_INT,
	  .offset = AT(reboot_options, timeout),
	  .help = "Wait at most this many seconds for the shutdown.",
	  .max = LLONG_MAX },
	{ 0 },
};

static int reboot_container(struct call *call, struct error *err)
{
	const struct reboot_options *opt = call->options;

	return ct_reboot((unsigned)opt->vmid,
			 opt->timeout < 0 ? REBOOT_TIMEOUT_S : timeout_of(opt->timeout),
			 err);
}

const struct command cmd_reboot = {
	.name = "reboot",
	.group = 4,
	.help = "Reboot a container: shut it down and start it again, with pending changes "
		"applied.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct reboot_options),
	.flags = CMD_WORKER | CMD_MANY | CMD_RUNNING,
	.check = check_exists,
	.run = reboot_container,
};
