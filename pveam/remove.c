#include <errno.h>
#include <unistd.h>

#include "base/own.h"
#include "commands.h"

struct remove_options {
	char *template_path;
};

static const struct prop remove_args[] = {
	{ .name = "template_path",
	  .type = PROP_TEXT,
	  .offset = AT(remove_options, template_path),
	  .help = "The template to remove.",
	  .max = 255,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_TEMPLATE },
	{ 0 },
};

static int remove_template(struct call *call, struct error *err)
{
	const struct remove_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_free char *path = NULL;

	load_storages(&storages);
	if (storage_file_argument(&storages, options->template_path, CONTENT_VZTMPL, &path,
				  err) < 0)
		return -1;
	if (unlink(path) < 0)
		return fail(err, errno, "cannot remove '%s'", path);
	return 0;
}

const struct command cmd_remove = {
	.name = "remove",
	.group = 1,
	.help = "Remove a template.",
	.args = remove_args,
	.options_size = sizeof(struct remove_options),
	.run = remove_template,
};
