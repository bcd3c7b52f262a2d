#include <stdio.h>

#include "pct.h"

struct cpusets_options {
	char *format;
};

static const struct prop options[] = { OUTPUT_FORMAT(cpusets_options), { 0 } };

static int cpusets_value(const char *format, struct error *err)
{
	auto_value struct json_t *value = NULL;

	if (ct_cpusets_value(&value, err) < 0)
		return -1;
	return output_print(format, value, err);
}

static int cpusets(struct call *call, struct error *err)
{
	const struct cpusets_options *opt = call->options;
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (!output_is_text(opt->format))
		return cpusets_value(opt->format, err);
	if (ct_cpusets(&text, err) < 0)
		return -1;
	fwrite(text.at, 1, text.len, stdout);
	return 0;
}

const struct command cmd_cpusets = {
	.name = "cpusets",
	.group = 5,
	.help = "List the CPUs that each running container may use.",
	.options = options,
	.options_size = sizeof(struct cpusets_options),
	.run = cpusets,
};
