#include <stdio.h>

#include "base/own.h"
#include "commands.h"

struct path_options {
	char *volume;
};

static const struct prop path_args[] = {
	{ .name = "volume",
	  .type = PROP_TEXT,
	  .offset = AT(path_options, volume),
	  .help = "Volume identifier.",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static int path(struct call *call, struct error *err)
{
	const struct path_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	const struct storage *st = NULL;
	auto_free char *text = NULL;
	struct volume volume;

	load_storages(&storages);
	if (volume_resolve(&storages, slice(options->volume), &st, &volume, &text, err) < 0)
		return -1;
	printf("%s\n", text);
	return 0;
}

const struct command cmd_path = {
	.name = "path",
	.group = 2,
	.help = "Get filesystem path for specified volume. Whether it exists is not "
		"checked.",
	.args = path_args,
	.options_size = sizeof(struct path_options),
	.run = path,
};
