#include "base/log.h"
#include "commands.h"
#include "config/format.h"
#include "storage/change.h"

struct remove_options {
	char *storage;
};

static const struct prop remove_args[] = {
	STORAGE_ARG(remove_options),
	{ 0 },
};

static int remove_storage(struct call *call, struct error *err)
{
	const struct remove_options *options = call->options;
	auto_notes struct notes warnings = { 0 };
	int status = storage_remove(options->storage, &warnings, err);

	warn_notes(&warnings);
	return status < 0 ? fail_prefix(err, "delete storage failed: ") : 0;
}

const struct command cmd_remove = {
	.name = "remove",
	.group = 1,
	.help = "Delete storage configuration. Its volumes stay.",
	.args = remove_args,
	.options_size = sizeof(struct remove_options),
	.run = remove_storage,
};
