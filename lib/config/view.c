#include <stdint.h>
#include <stdlib.h>

#include "base/own.h"
#include "config/check.h"
#include "config/size.h"

/* How a type lives in a view. */
struct field_type {
	void (*clear)(void *field);
	void (*set)(void *field, const char *normal);
};

static void clear_bool(void *field)
{
	*(int *)field = -1;
}

static void set_bool(void *field, const char *normal)
{
	*(int *)field = bool_parse(slice(normal));
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

static void clear_number(void *field)
{
	*(double *)field = -1;
}

static void set_number(void *field, const char *normal)
{
	*(double *)field = strtod(normal, NULL);
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

static void set_size(void *field, const char *normal)
{
	uint64_t bytes;

	clear_int(field);
	if (size_parse(slice(normal), &bytes))
		*(long long *)field = (long long)bytes;
}

static const struct field_type types[] = {
	[PROP_BOOL] = { clear_bool, set_bool },
	[PROP_INT] = { clear_int, set_int },
	[PROP_NUMBER] = { clear_number, set_number },
	[PROP_TEXT] = { clear_text, set_text },
	[PROP_ENUM] = { clear_text, set_text },
	[PROP_SIZE] = { clear_int, set_size },
	[PROP_GROUP] = { clear_text, set_text },
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
