#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/check.h"

static size_t row_count(const struct prop *rows)
{
	size_t count = 0;

	while (rows[count].name)
		count++;
	assert(count <= GROUP_MAX);
	return count;
}

static const struct prop *default_row(const struct prop *rows)
{
	for (; rows->name; rows++)
		if (rows->flags & PROP_DEFAULT_KEY)
			return rows;
	return NULL;
}

static void add_unknown(struct problems *members, struct slice key)
{
	auto_free char *name = slice_dup(key);

	problems_add(members, name,
		     "property is not defined in schema and the schema does not "
		     "allow additional properties");
}

/* The row that a part belongs to; NULL with a reason or a problem when there is none. */
static const struct prop *row_of(struct slice part, const struct prop *rows,
				 struct slice *value, struct problems *members,
				 struct strbuf *reason)
{
	const struct prop *row;
	struct slice key = slice_cut(part, '=', value);

	if (!value->at) {
		*value = part;
		row = default_row(rows);
		if (!row)
			strbuf_adds(reason,
				    "value without key, but schema does not define a "
				    "default key");
		return row;
	}
	if (key.len == 0 || value->len == 0) {
		strbuf_adds(reason, "missing key in comma-separated list property");
		return NULL;
	}
	row = prop_find(rows, key);
	if (!row)
		add_unknown(members, key);
	return row;
}

static bool split(struct slice text, const struct prop *rows, struct slice *values,
		  struct problems *members, struct strbuf *reason)
{
	struct slice rest = text, part, value;
	const struct prop *row;

	memset(values, 0, row_count(rows) * sizeof(*values));
	do {
		part = slice_cut(rest, ',', &rest);
		if (slice_trim(part).len == 0)
			continue;
		row = row_of(part, rows, &value, members, reason);
		if (reason->len)
			return false;
		if (row && values[row - rows].at) {
			strbuf_addf(reason,
				    "duplicate key in comma-separated list property: %s",
				    row->name);
			return false;
		}
		if (row)
			values[row - rows] = value;
	} while (rest.at);
	return true;
}

static void check_values(const struct prop *rows, const struct slice *values,
			 struct problems *members)
{
	for (size_t i = 0; rows[i].name; i++) {
		if (values[i].at)
			prop_check(&rows[i], rows[i].name, values[i], members, NULL);
		else if (rows[i].flags & PROP_REQUIRED)
			problems_add(members, rows[i].name,
				     "property is missing and it is not optional");
	}
	if (members->count)
		problems_sort(members);
}

bool group_check(struct slice text, const struct prop *rows, struct slice *values,
		 struct problems *members, struct strbuf *reason)
{
	if (!split(text, rows, values, members, reason))
		return false;
	check_values(rows, values, members);
	return members->count == 0;
}

static int fail_group(const struct problems *members, const struct strbuf *reason,
		      struct error *err)
{
	struct slice text;

	if (reason->len)
		return fail(err, 0, "%s", reason->at);
	text = slice_trim(slice(members->at[0].text));
	return fail(err, 0, "%s: " SLICE_FMT, members->at[0].name, SLICE_ARG(text));
}

/* Check text and fill values; the first thing wrong goes to err. */
static int read_group(struct slice text, const struct prop *rows, struct slice *values,
		      struct error *err)
{
	auto_strbuf struct strbuf reason = STRBUF_INIT;
	auto_problems struct problems members = { 0 };

	if (group_check(text, rows, values, &members, &reason))
		return 0;
	return fail_group(&members, &reason, err);
}

/* The value in the form that is stored; it was checked before. */
static void add_normal(const struct prop *row, struct slice value, struct strbuf *out)
{
	auto_problems struct problems none = { 0 };

	prop_check(row, row->name, value, &none, out);
}

int group_parse(struct slice text, const struct prop *rows, void *view, struct error *err)
{
	struct slice values[GROUP_MAX];

	if (read_group(text, rows, values, err) < 0)
		return -1;
	view_init(rows, view);
	for (size_t i = 0; rows[i].name; i++) {
		auto_strbuf struct strbuf normal = STRBUF_INIT;

		if (!values[i].at)
			continue;
		add_normal(&rows[i], values[i], &normal);
		view_set(&rows[i], view, normal.at);
	}
	return 0;
}

static int rank(const struct prop *row)
{
	if (row->flags & PROP_DEFAULT_KEY)
		return 0;
	return row->flags & PROP_REQUIRED ? 1 : 2;
}

static int by_rank(const void *left, const void *right)
{
	const struct prop *const *a = left, *const *b = right;

	if (rank(*a) != rank(*b))
		return rank(*a) < rank(*b) ? -1 : 1;
	return strcmp((*a)->name, (*b)->name);
}

size_t group_order(const struct prop *rows, const struct prop **order)
{
	size_t count = row_count(rows);

	for (size_t i = 0; i < count; i++)
		order[i] = &rows[i];
	qsort(order, count, sizeof(*order), by_rank);
	return count;
}

static void add_part(const struct prop *row, const char *value, struct strbuf *out)
{
	if (out->len)
		strbuf_addc(out, ',');
	if (!(row->flags & PROP_DEFAULT_KEY))
		strbuf_addf(out, "%s=", row->name);
	strbuf_adds(out, value);
}

static void print_values(const struct prop *rows, const struct slice *values,
			 struct strbuf *out)
{
	const struct prop *order[GROUP_MAX] = { NULL };
	size_t count = group_order(rows, order);

	for (size_t i = 0; i < count; i++) {
		auto_strbuf struct strbuf normal = STRBUF_INIT;
		struct slice value = values[order[i] - rows];

		if (!value.at)
			continue;
		if (order[i]->type == PROP_BOOL)
			add_normal(order[i], value, &normal);
		else
			strbuf_add_slice(&normal, value);
		add_part(order[i], normal.at, out);
	}
}

int group_value(struct slice text, const struct prop *rows, const char *name, char **out,
		struct error *err)
{
	const struct prop *row = prop_find(rows, slice(name));
	struct slice values[GROUP_MAX];

	if (read_group(text, rows, values, err) < 0)
		return -1;
	*out = row && values[row - rows].at ? slice_dup(values[row - rows]) : NULL;
	return 0;
}

int group_with(struct slice text, const struct prop *rows, const char *name,
	       const char *value, struct strbuf *out, struct error *err)
{
	auto_strbuf struct strbuf printed = STRBUF_INIT, reason = STRBUF_INIT;
	auto_problems struct problems members = { 0 };
	struct slice values[GROUP_MAX];
	const struct prop *row = name ? prop_find(rows, slice(name)) : NULL;

	if (name && !row)
		add_unknown(&members, slice(name));
	if (split(text, rows, values, &members, &reason)) {
		if (row)
			values[row - rows] = slice(value);
		check_values(rows, values, &members);
	}
	if (reason.len || members.count)
		return fail_group(&members, &reason, err);
	print_values(rows, values, &printed);
	strbuf_add_slice(out, strbuf_slice(&printed));
	return 0;
}
