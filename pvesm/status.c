#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "commands.h"
#include "config/format.h"

struct status_options {
	char *storage, *content;
	int enabled;
};

static const struct prop status_options[] = {
	{ .name = "content",
	  .type = PROP_TEXT,
	  .offset = AT(status_options, content),
	  .help = "Only list stores which support this content type.",
	  .format = &content_format,
	  .flags = PROP_LIST },
	{ .name = "enabled",
	  .type = PROP_BOOL,
	  .offset = AT(status_options, enabled),
	  .help = "Only list stores which are enabled.",
	  .fallback = "0" },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(status_options, storage),
	  .help = "Only list status for specified storage.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .offers = OFFER_STORAGE },
	{ 0 },
};

static bool is_wanted(const struct storage *st, const struct status_options *options)
{
	if (options->storage && strcmp(options->storage, st->id) != 0)
		return false;
	if (st->disabled && (options->content || options->enabled > 0))
		return false;
	return !options->content || st->content & content_list(slice(options->content));
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp((*(const struct storage *const *)a)->id,
		      (*(const struct storage *const *)b)->id);
}

static double percent(const struct storage_usage *usage)
{
	return usage->total ? (double)usage->used * 100 / (double)usage->total : 0;
}

/* Why a storage is not active goes to stderr; a type without support is no surprise. */
static bool is_active(const struct storage *st, struct storage_usage *usage)
{
	struct error err;

	if (!st->type)
		return false;
	if (st->type->activate(st, &err) == 0 && st->type->usage(st, usage, &err) == 0)
		return usage->total > 0;
	fprintf(stderr, "%s\n", err.text);
	return false;
}

static void print_row(const struct storage *st, int width)
{
	struct storage_usage usage = { 0 };
	const char *state = st->disabled            ? "disabled"
			    : is_active(st, &usage) ? "active"
						    : "inactive";

	printf("%-*s %10s %10s %15" PRIu64 " %15" PRIu64 " %15" PRIu64, width, st->id,
	       st->type_name, state, usage.total / 1024, usage.used / 1024,
	       usage.avail / 1024);
	if (st->disabled)
		printf(" %8s\n", "N/A");
	else
		printf(" %7.2f%%\n", percent(&usage));
}

static void print_table(const struct storage **rows, size_t count)
{
	int width = 0;

	for (size_t i = 0; i < count; i++)
		if ((int)strlen(rows[i]->id) + 1 > width)
			width = (int)strlen(rows[i]->id) + 1;
	printf("%-*s %10s %10s %15s %15s %15s %8s\n", width, "Name", "Type", "Status",
	       "Total (KiB)", "Used (KiB)", "Available (KiB)", "%");
	for (size_t i = 0; i < count; i++)
		print_row(rows[i], width);
}

static bool exists(const struct storages *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].id, id) == 0)
			return true;
	return false;
}

static int status(struct call *call, struct error *err)
{
	const struct status_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_free const struct storage **rows = NULL;
	size_t count = 0;

	load_storages(&storages);
	if (options->storage && !exists(&storages, options->storage))
		return fail_parameter(err, "storage", "No such storage.");
	rows = xcalloc(storages.count, sizeof(*rows));
	for (size_t i = 0; i < storages.count; i++)
		if (is_wanted(&storages.at[i], options))
			rows[count++] = &storages.at[i];
	qsort(rows, count, sizeof(*rows), compare_ids);
	print_table(rows, count);
	return 0;
}

const struct command cmd_status = {
	.name = "status",
	.group = 2,
	.help = "Get status for all datastores.",
	.options = status_options,
	.options_size = sizeof(struct status_options),
	.run = status,
};
