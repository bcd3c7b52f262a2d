#include "pct.h"

struct resize_options {
	long long vmid;
	char *disk, *size, *digest;
};

static const struct prop args[] = {
	VMID_ARG(resize_options),
	{ .name = "disk",
	  .type = PROP_ENUM,
	  .offset = AT(resize_options, disk),
	  .help = "The key of the volume.",
	  .choices = volume_keys,
	  .type_text = "<rootfs|mpN>",
	  .flags = PROP_REQUIRED },
	{ .name = "size",
	  .type = PROP_TEXT,
	  .offset = AT(resize_options, size),
	  .help = "The new size, or with + what is added to the present one; with K, M, G "
		  "or T, otherwise bytes. A volume cannot shrink.",
	  .pattern = "\\+?[0-9]+(\\.[0-9]+)?[KMGT]?",
	  .type_text = "<[+]size[K|M|G|T]>",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop options[] = {
	{ .name = "digest",
	  .type = PROP_TEXT,
	  .offset = AT(resize_options, digest),
	  .help = "Change nothing unless the configuration file has this SHA-1 digest.",
	  .max = 40,
	  .type_text = "<string>" },
	{ 0 },
};

static int resize(struct call *call, struct error *err)
{
	const struct resize_options *opt = call->options;

	return ct_resize(&(struct resize_request){ .vmid = (unsigned)opt->vmid,
						   .key = opt->disk,
						   .size = opt->size,
						   .digest = opt->digest },
			 err);
}

const struct command cmd_resize = {
	.name = "resize",
	.group = 1,
	.help = "Grow a volume of a container and the file system on it.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct resize_options),
	.flags = CMD_WORKER,
	.check = check_exists,
	.run = resize,
};
