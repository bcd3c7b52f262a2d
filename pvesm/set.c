#include "base/log.h"
#include "commands.h"
#include "config/format.h"
#include "properties.h"
#include "storage/change.h"

struct set_values {
	struct property_values options;
	char *storage;
};

static const struct prop set_args[] = {
	STORAGE_ARG(set_values),
	{ 0 },
};

static int set(struct call *call, struct error *err)
{
	const struct set_values *options = call->options;
	auto_keyvals struct keyvals values = { 0 };
	auto_notes struct notes warnings = { 0 };
	int status;

	property_values_given(&call->given, &values);
	status = storage_set(
		&(struct storage_change){ .id = options->storage,
					  .values = &values,
					  .delete = keyvals_get(&call->given, "delete"),
					  .digest = keyvals_get(&call->given, "digest") },
		&warnings, err);
	warn_notes(&warnings);
	return status < 0 ? fail_prefix(err, "update storage failed: ") : 0;
}

const struct command cmd_set = {
	.name = "set",
	.group = 1,
	.help = "Update storage configuration.",
	.args = set_args,
	.options = set_options,
	.options_size = sizeof(struct set_values),
	.run = set,
};
