#include <stdio.h>
#include <string.h>

#include "pct.h"

struct status_options {
	long long vmid;
	int verbose;
	char *format;
};

static const struct prop args[] = { VMID_ARG(status_options), { 0 } };

static const struct prop options[] = {
	{ .name = "verbose",
	  .type = PROP_BOOL,
	  .offset = AT(status_options, verbose),
	  .help = "Show all properties, one per line." },
	OUTPUT_FORMAT(status_options),
	{ 0 },
};

static int collect(const struct status_options *opt, struct keyvals *out, struct error *err)
{
	bool running;

	if (opt->verbose > 0)
		return ct_status_verbose((unsigned)opt->vmid, out, err);
	if (ct_status((unsigned)opt->vmid, &running, err) < 0)
		return -1;
	keyvals_set(out, "status", running ? "running" : "stopped");
	return 0;
}

static bool is_text(const char *key)
{
	static const char *const texts[] = { "lock", "name", "status", "tags", "type" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i], key) == 0)
			return true;
	return false;
}

static int print_value(const char *format, const struct keyvals *properties,
		       struct error *err)
{
	auto_value struct json_t *object = value_object();

	for (size_t i = 0; i < properties->count; i++) {
		const struct keyval *entry = &properties->at[i];

		value_set(object, entry->key,
			  is_text(entry->key) ? value_text(entry->value)
					      : value_number(entry->value));
	}
	return output_print(format, object, err);
}

static int status(struct call *call, struct error *err)
{
	const struct status_options *opt = call->options;
	auto_keyvals struct keyvals properties = { 0 };

	if (collect(opt, &properties, err) < 0)
		return -1;
	if (!output_is_text(opt->format))
		return print_value(opt->format, &properties, err);
	for (size_t i = 0; i < properties.count; i++)
		printf("%s: %s\n", properties.at[i].key, properties.at[i].value);
	return 0;
}

const struct command cmd_status = {
	.name = "status",
	.group = 5,
	.help = "Show whether a container runs.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct status_options),
	.run = status,
};
