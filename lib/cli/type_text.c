#include "cli/type_text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_choices(const char *const *choices, struct strbuf *out)
{
	auto_free const char **sorted = NULL;
	size_t count = 0;

	while (choices[count])
		count++;
	sorted = xcalloc(count + 1, sizeof(*sorted));
	memcpy(sorted, choices, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_texts);
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "%s%s", i ? " | " : "<", sorted[i]);
	strbuf_addc(out, '>');
}

static void add_range(const struct prop *prop, struct strbuf *out)
{
	if (prop->min == 0 && prop->max == 0)
		return;
	if (prop->max == LLONG_MAX)
		strbuf_addf(out, " (%lld - N)", prop->min);
	else
		strbuf_addf(out, " (%lld - %lld)", prop->min, prop->max);
}

static void add_member(const struct prop *prop, bool is_first, struct strbuf *out)
{
	bool optional = !(prop->flags & PROP_REQUIRED);

	if (!is_first)
		strbuf_addc(out, ' ');
	if (optional)
		strbuf_addc(out, '[');
	if (!is_first)
		strbuf_addc(out, ',');
	strbuf_addf(out, prop->flags & PROP_DEFAULT_KEY ? "[%s=]" : "%s=", prop->name);
	type_text(prop, out);
	if (optional)
		strbuf_addc(out, ']');
}

static void add_group(const struct prop *members, struct strbuf *out)
{
	const struct prop *order[GROUP_MAX] = { NULL };
	size_t count = group_order(members, order);

	for (size_t i = 0; i < count; i++)
		add_member(order[i], i == 0, out);
}

static void add_by_type(const struct prop *prop, struct strbuf *out)
{
	switch (prop->type) {
	case PROP_BOOL: strbuf_adds(out, "<boolean>"); return;
	case PROP_INT:
		strbuf_adds(out, "<integer>");
		add_range(prop, out);
		return;
	case PROP_NUMBER:
		strbuf_adds(out, "<number>");
		add_range(prop, out);
		return;
	case PROP_ENUM: add_choices(prop->choices, out); return;
	case PROP_GROUP: add_group(prop->members, out); return;
	case PROP_SIZE:
	case PROP_TEXT: strbuf_adds(out, "<string>"); return;
	}
}

void type_text(const struct prop *prop, struct strbuf *out)
{
	if (prop->type_text)
		strbuf_adds(out, prop->type_text);
	else if (prop->flags & PROP_FILE)
		strbuf_adds(out, "<filepath>");
	else if (prop->type == PROP_TEXT && prop->pattern)
		strbuf_adds(out, prop->pattern);
	else
		add_by_type(prop, out);
}
