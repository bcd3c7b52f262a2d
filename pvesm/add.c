#include "base/log.h"
#include "commands.h"
#include "config/format.h"
#include "properties.h"
#include "storage/change.h"

struct add_values {
	struct property_values options;
	char *type, *storage;
};

static const char *const types[] = { "btrfs",   "cifs", "dir",     "lvm",
				     "lvmthin", "nfs",  "zfspool", NULL };

static const struct prop add_args[] = {
	{ .name = "type",
	  .type = PROP_ENUM,
	  .offset = AT(add_values, type),
	  .help = "Storage type.",
	  .choices = types,
	  .flags = PROP_REQUIRED },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(add_values, storage),
	  .help = "The storage identifier.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static int add(struct call *call, struct error *err)
{
	const struct add_values *options = call->options;
	auto_keyvals struct keyvals values = { 0 };
	auto_notes struct notes warnings = { 0 };
	int status;

	property_values_given(&call->given, &values);
	status = storage_add(storage_type_find(options->type), options->storage, &values,
			     &warnings, err);
	warn_notes(&warnings);
	return status < 0 ? fail_prefix(err, "create storage failed: ") : 0;
}

const struct command cmd_add = {
	.name = "add",
	.group = 1,
	.help = "Create a new storage.",
	.args = add_args,
	.options = add_options,
	.options_size = sizeof(struct add_values),
	.run = add,
};
