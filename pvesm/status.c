#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "cli/output.h"
#include "commands.h"
#include "config/format.h"
#include "storage/type.h"

struct status_options {
	char *storage, *content, *target, *format;
	int enabled, formats;
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
	{ .name = "format",
	  .type = PROP_BOOL,
	  .offset = AT(status_options, formats),
	  .help = "Include information about formats, where the output has a place for it.",
	  .fallback = "0" },
	OUTPUT_FORMAT(status_options),
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(status_options, storage),
	  .help = "Only list status for specified storage.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .offers = OFFER_STORAGE },
	{ .name = "target",
	  .type = PROP_TEXT,
	  .offset = AT(status_options, target),
	  .help = "If it is another node, only list shared stores that may be used there, too." },
	{ 0 },
};

/* Whether both nodes see the same volumes on it. */
static bool reaches(const struct storage *st, const char *node)
{
	const char *nodes = keyvals_get(&st->props, "nodes");
	struct slice rest = slice(nodes), word;

	if (strcmp(node, path_node()) == 0)
		return true;
	while (st->shared && slice_word(&rest, &word))
		if (slice_is(word, node))
			return true;
	return st->shared && !nodes;
}

static bool is_wanted(const struct storage *st, const struct status_options *options)
{
	if (options->storage && strcmp(options->storage, st->id) != 0)
		return false;
	if (st->disabled && (options->content || options->enabled > 0))
		return false;
	if (options->target && !reaches(st, options->target))
		return false;
	return !options->content || st->content & content_list(slice(options->content));
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

/* One storage and what was found out about it. */
struct status_row {
	const struct storage *st;
	struct storage_usage usage;
	bool active;
};

static void print_row(const struct status_row *row, int width)
{
	const struct storage *st = row->st;
	const struct storage_usage *usage = &row->usage;
	const char *state = st->disabled ? "disabled" : row->active ? "active" : "inactive";

	printf("%-*s %10s %10s %15" PRIu64 " %15" PRIu64 " %15" PRIu64, width, st->id,
	       st->type_name, state, usage->total / 1024, usage->used / 1024,
	       usage->avail / 1024);
	if (st->disabled)
		printf(" %8s\n", "N/A");
	else
		printf(" %7.2f%%\n", percent(usage));
}

static void print_table(const struct status_row *rows, size_t count)
{
	int width = 0;

	for (size_t i = 0; i < count; i++)
		if ((int)strlen(rows[i].st->id) + 1 > width)
			width = (int)strlen(rows[i].st->id) + 1;
	printf("%-*s %10s %10s %15s %15s %15s %8s\n", width, "Name", "Type", "Status",
	       "Total (KiB)", "Used (KiB)", "Available (KiB)", "%");
	for (size_t i = 0; i < count; i++)
		print_row(&rows[i], width);
}

static struct json_t *contents(const struct storage *st)
{
	struct json_t *list = value_list();

	for (unsigned one = 1; one <= CONTENT_IMPORT; one <<= 1)
		if (st->content & one)
			value_add(list, value_text(content_name(one)));
	return list;
}

static struct json_t *formats(const struct storage *st)
{
	static const char *const names[FORMAT_COUNT] = { "raw", "subvol", "qcow2" };
	struct json_t *list = value_list();

	for (unsigned i = 0; st->type && i < FORMAT_COUNT; i++)
		if (st->type->formats & 1U << i)
			value_add(list, value_text(names[i]));
	return list;
}

static struct json_t *table_value(const struct status_row *rows, size_t count,
				  const struct status_options *options)
{
	struct json_t *list = value_list();

	for (size_t i = 0; i < count; i++) {
		const struct storage *st = rows[i].st;
		struct json_t *row = value_object();

		value_set(row, "storage", value_text(st->id));
		value_set(row, "type", value_text(st->type_name));
		value_set(row, "content", contents(st));
		value_set(row, "enabled", value_int(!st->disabled));
		value_set(row, "active", value_int(rows[i].active));
		value_set(row, "shared", value_int(st->shared));
		value_set(row, "total", value_int((long long)rows[i].usage.total));
		value_set(row, "used", value_int((long long)rows[i].usage.used));
		value_set(row, "avail", value_int((long long)rows[i].usage.avail));
		if (options->formats > 0)
			value_set(row, "formats", formats(st));
		value_add(list, row);
	}
	return list;
}

static int print(const struct status_row *rows, size_t count,
		 const struct status_options *options, struct error *err)
{
	auto_value struct json_t *list = NULL;

	if (output_is_text(options->format)) {
		print_table(rows, count);
		return 0;
	}
	list = table_value(rows, count, options);
	return output_print(options->format, list, err);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct status_row *)a)->st->id,
		      ((const struct status_row *)b)->st->id);
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
	auto_free struct status_row *rows = NULL;
	size_t count = 0;

	load_storages(&storages);
	if (options->storage && !exists(&storages, options->storage))
		return fail_parameter(err, "storage", "No such storage.");
	rows = xcalloc(storages.count, sizeof(*rows));
	for (size_t i = 0; i < storages.count; i++)
		if (is_wanted(&storages.at[i], options))
			rows[count++].st = &storages.at[i];
	qsort(rows, count, sizeof(*rows), compare_ids);
	for (size_t i = 0; i < count; i++)
		rows[i].active =
			!rows[i].st->disabled && is_active(rows[i].st, &rows[i].usage);
	return print(rows, count, options, err);
}

const struct command cmd_status = {
	.name = "status",
	.group = 2,
	.help = "Get status for all datastores.",
	.options = status_options,
	.options_size = sizeof(struct status_options),
	.run = status,
};
