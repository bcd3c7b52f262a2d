#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "commands.h"
#include "config/format.h"
#include "config/store.h"

struct list_options {
	char *storage, *content, *format;
	long long vmid;
};

static const struct prop list_args[] = {
	STORAGE_ARG(list_options),
	{ 0 },
};

static const struct prop list_options[] = {
	{ .name = "content",
	  .type = PROP_TEXT,
	  .offset = AT(list_options, content),
	  .help = "Only list content of this type.",
	  .format = &content_format,
	  .flags = PROP_LIST },
	OUTPUT_FORMAT(list_options),
	{ .name = "vmid",
	  .type = PROP_INT,
	  .offset = AT(list_options, vmid),
	  .help = "Only list images for this VM or container.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .offers = OFFER_GUEST },
	{ 0 },
};

static int digits(uint64_t number)
{
	int count = 1;

	while (number >= 10) {
		number /= 10;
		count++;
	}
	return count;
}

static void print_row(const struct volume_info *info, int volid_width, int size_width)
{
	printf("%-*s %-7s %-9s %*" PRIu64, volid_width, info->volid, info->format,
	       content_name(info->content), size_width, info->size);
	if (info->vmid)
		printf(" %u", info->vmid);
	printf("\n");
}

static void print_list(const struct volume_list *list)
{
	int volid_width = 0, size_width = 0;

	for (size_t i = 0; i < list->count; i++) {
		int volid = (int)strlen(list->at[i].volid), size = digits(list->at[i].size);

		volid_width = volid > volid_width ? volid : volid_width;
		size_width = size > size_width ? size : size_width;
	}
	printf("%-*s %-7s %-9s %*s %s\n", volid_width, "Volid", "Format", "Type",
	       size_width, "Size", "VMID");
	for (size_t i = 0; i < list->count; i++)
		print_row(&list->at[i], volid_width, size_width);
}

static struct json_t *list_value(const struct volume_list *list)
{
	struct json_t *rows = value_list();

	for (size_t i = 0; i < list->count; i++) {
		const struct volume_info *info = &list->at[i];
		struct json_t *row = value_object();

		value_set(row, "volid", value_text(info->volid));
		value_set(row, "format", value_text(info->format));
		value_set(row, "content", value_text(content_name(info->content)));
		value_set(row, "size", value_int((long long)info->size));
		if (info->vmid)
			value_set(row, "vmid", value_int(info->vmid));
		value_add(rows, row);
	}
	return rows;
}

static int print(const struct volume_list *list, const char *format, struct error *err)
{
	auto_value struct json_t *rows = NULL;

	if (output_is_text(format)) {
		print_list(list);
		return 0;
	}
	rows = list_value(list);
	return output_print(format, rows, err);
}

static int list(struct call *call, struct error *err)
{
	const struct list_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_volume_list struct volume_list found = { 0 };
	const struct storage *st = NULL;
	unsigned content = options->content ? content_list(slice(options->content)) : ~0U;
	unsigned vmid = options->vmid > 0 ? (unsigned)options->vmid : 0;

	load_storages(&storages);
	if (storage_use(&storages, slice(options->storage), 0, &st, err) < 0 ||
	    storage_list(st, content, vmid, &found, err) < 0)
		return -1;
	return print(&found, options->format, err);
}

const struct command cmd_list = {
	.name = "list",
	.group = 2,
	.help = "List storage content.",
	.args = list_args,
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.run = list,
};
