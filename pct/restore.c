#include "create.h"

static const struct prop args[] = {
	VMID_ARG(create_options),
	{ .name = "ostemplate",
	  .type = PROP_TEXT,
	  .offset = AT(create_options, ostemplate),
	  .help = "The backup: a volume \"storage:backup/file\", the path of an archive, or "
		  "\"-\" for an uncompressed one on standard input, which needs rootfs.",
	  .max = 255,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_BACKUP },
	{ 0 },
};

static const struct prop options[] = {
	CREATE_OPTIONS,
	{ .name = "unique",
	  .type = PROP_BOOL,
	  .offset = AT(create_options, unique),
	  .help = UNIQUE_HELP },
	{ 0 },
};

const struct command cmd_restore = {
	.name = "restore",
	.group = 1,
	.help = "Create a container from a backup that vzdump has made.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct create_options),
	.flags = CMD_WORKER | CMD_CONFIG_KEYS,
	.check = restore_check,
	.run = create_run,
	.release = create_release,
};
