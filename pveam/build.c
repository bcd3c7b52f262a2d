#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/own.h"
#include "commands.h"
#include "config/format.h"
#include "storage/type.h"
#include "template/template.h"

struct build_options {
	char *recipe, *storage;
};

static const struct prop build_args[] = {
	{ .name = "recipe",
	  .type = PROP_TEXT,
	  .offset = AT(build_options, recipe),
	  .help = "The recipe, as 'pveam available' names it.",
	  .max = 255,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_RECIPE },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(build_options, storage),
	  .help = "The storage that gets the template.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .fallback = "local",
	  .offers = OFFER_TEMPLATE_STORAGE },
	{ 0 },
};

/* Where the storage keeps its templates; the caller frees it. */
static char *template_dir(const struct storage *st)
{
	char *path = st->type->path(st, slice("vztmpl/x.tar"), NULL);
	char *slash = path ? strrchr(path, '/') : NULL;

	if (slash)
		*slash = '\0';
	return path;
}

static int build(struct call *call, struct error *err)
{
	const struct build_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_free char *recipe = NULL, *dir = NULL, *name = NULL;
	const struct storage *st = NULL;

	load_storages(&storages);
	if (recipe_find(options->recipe, &recipe, err) < 0 ||
	    storage_use(&storages, slice(options->storage), CONTENT_VZTMPL, &st, err) < 0)
		return -1;
	dir = template_dir(st);
	if (!dir)
		return fail(err, 0, "Storage does not support templates!");
	interrupt_catch();
	if (recipe_build(recipe, dir, &name, err) < 0)
		return -1;
	printf("%s:vztmpl/%s\n", st->id, name);
	return 0;
}

const struct command cmd_build = {
	.name = "build",
	.group = 1,
	.help = "Build a template from a recipe.",
	.args = build_args,
	.options_size = sizeof(struct build_options),
	.run = build,
};
