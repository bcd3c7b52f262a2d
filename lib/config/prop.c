#include "config/prop.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"

static bool is_numbered(const struct prop *row, struct slice name)
{
	size_t len = strlen(row->name);
	struct slice digits = slice_from(name, len);
	uint64_t number;

	return name.len > len && memcmp(name.at, row->name, len) == 0 &&
	       slice_number(digits, 0, row->count - 1, &number) &&
	       (digits.len == 1 || digits.at[0] != '0');
}

const struct prop *prop_find(const struct prop *rows, struct slice name)
{
	for (; rows->name; rows++)
		if (rows->count ? is_numbered(rows, name) : slice_is(name, rows->name))
			return rows;
	return NULL;
}

int bool_parse(struct slice text)
{
	static const char *const words[2][4] = { { "0", "off", "no", "false" },
						 { "1", "on", "yes", "true" } };

	for (int value = 0; value < 2; value++)
		for (size_t i = 0; i < 4; i++)
			if (slice_is_nocase(text, words[value][i]))
				return value;
	return -1;
}

void problems_add(struct problems *problems, const char *name, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	va_end(ap);
	problems->at =
		xreallocarray(problems->at, problems->count + 1, sizeof(*problems->at));
	problems->at[problems->count++] =
		(struct problem){ .name = xstrdup(name), .text = text };
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct problem *)left)->name,
		      ((const struct problem *)right)->name);
}

void problems_sort(struct problems *problems)
{
	sort_stable(problems->at, problems->count, sizeof(*problems->at), by_name);
}

static void copy_problems(struct problems *to, const struct problems *from)
{
	for (size_t i = 0; i < from->count; i++)
		problems_add(to, from->at[i].name, "%s", from->at[i].text);
}

void problems_format(const struct problems *problems, struct strbuf *out)
{
	auto_problems struct problems sorted = { 0 };

	copy_problems(&sorted, problems);
	problems_sort(&sorted);
	for (size_t i = 0; i < sorted.count; i++)
		strbuf_addf(out, "%s: %s\n", sorted.at[i].name, sorted.at[i].text);
}

void problems_done(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		free(problems->at[i].name);
		free(problems->at[i].text);
	}
	free(problems->at);
	*problems = (struct problems){ 0 };
}
