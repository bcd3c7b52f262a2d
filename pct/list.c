#include <fnmatch.h>
#include <stdio.h>

#include "base/own.h"
#include "cli/select.h"
#include "pct.h"

#define LINE "%-10s %-10s %-12s %-20s\n"

struct list_options {
	char *pattern, *status, *tags, *format;
};

static const struct prop args[] = {
	{ .name = "pattern",
	  .type = PROP_TEXT,
	  .offset = AT(list_options, pattern),
	  .help = "List only containers whose id or name matches this pattern with *, ? "
		  "and [...].",
	  .flags = PROP_BEYOND },
	{ 0 },
};

static const char *const states[] = { "running", "stopped", NULL };

static const struct prop options[] = {
	{ .name = "status",
	  .type = PROP_ENUM,
	  .offset = AT(list_options, status),
	  .help = "List only containers in this state.",
	  .choices = states,
	  .flags = PROP_BEYOND },
	{ .name = "tags",
	  .type = PROP_TEXT,
	  .offset = AT(list_options, tags),
	  .help = "List only containers that have all of these tags.",
	  .format = &format_tag,
	  .flags = PROP_LIST | PROP_BEYOND },
	OUTPUT_FORMAT(list_options),
	{ 0 },
};

static const char *state_of(const struct ct_row *row)
{
	return row->running ? "running" : "stopped";
}

static bool matches_pattern(const struct ct_row *row, const char *pattern)
{
	char vmid[16];

	snprintf(vmid, sizeof(vmid), "%u", row->vmid);
	return fnmatch(pattern, vmid, 0) == 0 || fnmatch(pattern, row->name, 0) == 0;
}

static bool has_all_tags(const struct ct_row *row, const char *wanted)
{
	struct slice rest = slice(wanted), tag;

	while (slice_word(&rest, &tag))
		if (!select_has_tag(row->tags, tag))
			return false;
	return true;
}

static bool is_wanted(const struct ct_row *row, const struct list_options *opt)
{
	return (!opt->pattern || matches_pattern(row, opt->pattern)) &&
	       (!opt->status || slice_is(slice(opt->status), state_of(row))) &&
	       (!opt->tags || has_all_tags(row, opt->tags));
}

static void add_row(const struct ct_row *row, struct strbuf *out)
{
	char vmid[16];

	if (out->len == 0)
		strbuf_addf(out, LINE, "VMID", "Status", "Lock", "Name");
	snprintf(vmid, sizeof(vmid), "%u", row->vmid);
	strbuf_addf(out, LINE, vmid, state_of(row), row->lock, row->name);
}

static struct json_t *row_value(const struct ct_row *row)
{
	struct json_t *object = value_object();

	value_set(object, "vmid", value_int(row->vmid));
	value_set(object, "status", value_text(state_of(row)));
	value_set(object, "name", value_text(row->name));
	value_set(object, "lock", value_text(row->lock[0] ? row->lock : NULL));
	value_set(object, "tags", value_text(row->tags[0] ? row->tags : NULL));
	return object;
}

static int print_text(const struct ct_row *rows, size_t count,
		      const struct list_options *opt)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		if (is_wanted(&rows[i], opt))
			add_row(&rows[i], &out);
	fwrite(out.at, 1, out.len, stdout);
	return 0;
}

static int print_value(const struct ct_row *rows, size_t count,
		       const struct list_options *opt, struct error *err)
{
	auto_value struct json_t *list = value_list();

	for (size_t i = 0; i < count; i++)
		if (is_wanted(&rows[i], opt))
			value_add(list, row_value(&rows[i]));
	return output_print(opt->format, list, err);
}

static int list(struct call *call, struct error *err)
{
	const struct list_options *opt = call->options;
	struct ct_row *rows = NULL;
	size_t count = 0;
	int status;

	if (ct_list(&rows, &count, err) < 0)
		return -1;
	status = output_is_text(opt->format) ? print_text(rows, count, opt)
					     : print_value(rows, count, opt, err);
	ct_rows_free(rows, count);
	return status;
}

const struct command cmd_list = {
	.name = "list",
	.group = 1,
	.help = "List all containers with their state, lock and name.",
	.args = args,
	.options = options,
	.options_size = sizeof(struct list_options),
	.run = list,
};
