#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config/format.h"

struct list_options {
	char *storage;
};

static const struct prop list_args[] = {
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(list_options, storage),
	  .help = "Only list templates on specified storage.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_TEMPLATE_STORAGE },
	{ 0 },
};

static int by_volid(const void *left, const void *right)
{
	const struct volume_info *a = left, *b = right;

	return strcasecmp(a->volid, b->volid);
}

static int list(struct call *call, struct error *err)
{
	const struct list_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_volume_list struct volume_list found = { 0 };
	const struct storage *st = NULL;

	load_storages(&storages);
	if (storage_use(&storages, slice(options->storage), CONTENT_VZTMPL, &st, err) < 0 ||
	    storage_list(st, CONTENT_VZTMPL, 0, &found, err) < 0)
		return -1;
	if (found.count > 0)
		qsort(found.at, found.count, sizeof(*found.at), by_volid);
	printf("%-60s %-6s\n", "NAME", "SIZE");
	for (size_t i = 0; i < found.count; i++)
		printf("%-60s %-4.2fMB\n", found.at[i].volid,
		       (double)found.at[i].size / (1024 * 1024));
	return 0;
}

const struct command cmd_list = {
	.name = "list",
	.group = 1,
	.help = "Get list of all templates on storage.",
	.args = list_args,
	.options_size = sizeof(struct list_options),
	.run = list,
};
