#include <limits.h>

#include "base/log.h"
#include "config/settings.h"
#include "pct.h"

struct shutdown_options {
	long long vmid, timeout;
	int force_stop;
};

static const struct prop args[] = { VMID_ARG(shutdown_options), MANY_ARG, { 0 } };

static const struct prop options[] = {
	{ .name = "timeout",
	  .type = PROP_INT,
	  .offset = AT(shutdown_options, timeout),
	  .help = "Wait at most this many seconds; 0 does not wait at all.",
	  .max = LLONG_MAX,
	  .fallback = "60" },
	{ .name = "forceStop",
	  .type = PROP_BOOL,
	  .offset = AT(shutdown_options, force_stop),
	  .help = "Stop the container hard when the time is up.",
	  .fallback = "0" },
	{ 0 },
};

static unsigned default_timeout(void)
{
	auto_settings struct settings settings = { 0 };
	auto_notes struct notes warnings = { 0 };

	settings_load(&settings, &warnings);
	warn_notes(&warnings);
	return settings.shutdown_timeout_s;
}

static int shutdown_container(struct call *call, struct error *err)
{
	const struct shutdown_options *opt = call->options;
	bool is_given = keyvals_get(&call->given, "timeout") != NULL;

	return ct_shutdown((unsigned)opt->vmid,
			   is_given ? timeout_of(opt->timeout) : default_timeout(),
			   opt->force_stop ? CT_FORCE : 0, err);
}

const struct command cmd_shutdown = {
	.name = "shutdown",
	.group = 4,
	.help = "Shut a container down: its init is asked to halt.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct shutdown_options),
	.flags = CMD_WORKER | CMD_MANY | CMD_RUNNING,
	.check = check_exists,
	.run = shutdown_container,
};
