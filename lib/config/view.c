#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/check.h"
#include "config/size.h"

/* How a type lives in a view. print appends nothing when the field is absent. */
struct field_type {
	void (*clear)(void *field);
	void (*set)(void *field, const char *normal);
	void (*print)(const void *field, struct strbuf *out);
};

static void clear_bool(void *field)
{
	*(int *)field = -1;
}

static void set_bool(void *field, const char *normal)
{
	*(int *)field = bool_parse(slice(normal));
}

static void print_bool(const void *field, struct strbuf *out)
{
	int value = *(const int *)field;

	if (value >= 0)
		strbuf_adds(out, value ? "1" : "0");
}

static void clear_int(void *field)
{
	*(long long *)field = -1;
}

static void set_int(void *field, const char *normal)
{
	if (integer_parse(slice(normal), field) != 0)
		clear_int(field);
}

static void print_int(const void *field, struct strbuf *out)
{
	long long value = *(const long long *)field;

	if (value >= 0)
		strbuf_addf(out, "%lld", value);
}

static void clear_number(void *field)
{
	*(double *)field = -1;
}

static void set_number(void *field, const char *normal)
{
	*(double *)field = strtod(normal, NULL);
}

/* The shortest decimal form that reads back as the same number. */
static void print_number(const void *field, struct strbuf *out)
{
	double value = *(const double *)field;
	char text[400];

	if (value < 0)
		return;
	for (int digits = 0; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*f", digits, value);
		if (strtod(text, NULL) >= value && strtod(text, NULL) <= value)
			break;
	}
	strbuf_adds(out, text);
}

static void clear_text(void *field)
{
	*(char **)field = NULL;
}

static void set_text(void *field, const char *normal)
{
	char *old = *(char **)field;

	*(char **)field = xstrdup(normal);
	free(old);
}

static void print_text(const void *field, struct strbuf *out)
{
	const char *value = *(char *const *)field;

	if (value)
		strbuf_adds(out, value);
}

static void set_size(void *field, const char *normal)
{
	uint64_t bytes;

	clear_int(field);
	if (size_parse(slice(normal), &bytes))
		*(long long *)field = (long long)bytes;
}

static void print_size(const void *field, struct strbuf *out)
{
	long long value = *(const long long *)field;

	if (value >= 0)
		size_format((uint64_t)value, out);
}

static const struct field_type types[] = {
	[PROP_BOOL] = { clear_bool, set_bool, print_bool },
	[PROP_INT] = { clear_int, set_int, print_int },
	[PROP_NUMBER] = { clear_number, set_number, print_number },
	[PROP_TEXT] = { clear_text, set_text, print_text },
	[PROP_ENUM] = { clear_text, set_text, print_text },
	[PROP_SIZE] = { clear_int, set_size, print_size },
	[PROP_GROUP] = { clear_text, set_text, print_text },
};

static bool owns_text(const struct prop *row)
{
	return types[row->type].set == set_text;
}

void view_init(const struct prop *rows, void *view)
{
	for (; rows->name; rows++) {
		void *field = (char *)view + rows->offset;

		types[rows->type].clear(field);
		if (rows->fallback)
			types[rows->type].set(field, rows->fallback);
	}
}

void view_set(const struct prop *row, void *view, const char *normal)
{
	types[row->type].set((char *)view + row->offset, normal);
}

void view_done(const struct prop *rows, void *view)
{
	for (; rows->name; rows++) {
		void *field = (char *)view + rows->offset;

		if (owns_text(rows))
			free(*(char **)field);
		types[rows->type].clear(field);
	}
}

bool view_print(const struct prop *row, const void *view, struct strbuf *out)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	types[row->type].print((const char *)view + row->offset, &text);
	if (text.len == 0 || (row->fallback && strcmp(text.at, row->fallback) == 0))
		return false;
	strbuf_add_slice(out, strbuf_slice(&text));
	return true;
}
