#include <stdio.h>

#include "pct.h"

struct config_options {
	long long vmid;
	int current;
	char *snapshot, *format;
};

static const struct prop args[] = { VMID_ARG(config_options), { 0 } };

static const struct prop options[] = {
	{ .name = "current",
	  .type = PROP_BOOL,
	  .offset = AT(config_options, current),
	  .help = "Show the values in effect instead of pending ones.",
	  .fallback = "0" },
	{ .name = "snapshot",
	  .type = PROP_TEXT,
	  .offset = AT(config_options, snapshot),
	  .help = "Show the configuration of this snapshot.",
	  .max = 40,
	  .format = &format_config_id,
	  .offers = OFFER_SNAPSHOT },
	OUTPUT_FORMAT(config_options),
	{ 0 },
};

static int config_value(const struct config_options *opt, struct error *err)
{
	auto_value struct json_t *value = NULL;

	if (ct_config_value((unsigned)opt->vmid, opt->current, opt->snapshot, &value, err) <
	    0)
		return -1;
	return output_print(opt->format, value, err);
}

static int config(struct call *call, struct error *err)
{
	const struct config_options *opt = call->options;
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (opt->snapshot && opt->current)
		return fail_parameter(err, "snapshot",
				      "cannot use 'snapshot' parameter with 'current'");
	if (!output_is_text(opt->format))
		return config_value(opt, err);
	if (ct_config_text((unsigned)opt->vmid, opt->current, opt->snapshot, &text, err) <
	    0)
		return -1;
	fwrite(text.at, 1, text.len, stdout);
	return 0;
}

const struct command cmd_config = {
	.name = "config",
	.group = 2,
	.help = "Show the configuration of a container, with pending changes applied.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct config_options),
	.run = config,
};
