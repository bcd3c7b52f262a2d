#include "pct.h"

struct console_options {
	long long vmid;
	char *escape;
};

static const struct prop args[] = { VMID_ARG(console_options), { 0 } };

static const struct prop options[] = {
	{ .name = "escape",
	  .type = PROP_TEXT,
	  .offset = AT(console_options, escape),
	  .help = "Prefix of the key that leaves the console: <prefix> q. Note that \"^a\" "
		  "and "
		  "\"a\" are the same.",
	  .fallback = "^a",
	  .pattern = "\\^?[a-z]" },
	{ 0 },
};

static int console(struct call *call, struct error *err)
{
	const struct console_options *opt = call->options;

	return ct_console((unsigned)opt->vmid, opt->escape, err);
}

const struct command cmd_console = {
	.name = "console",
	.group = 5,
	.help = "Open a console of a container.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct console_options),
	.check = check_exists,
	.flags = CMD_RUNNING,
	.run = console,
};
