#include "cli/describe.h"

#include <limits.h>

/* When a running container takes up a change; NULL: the row is no key, or it never does. */
static const char *effect(unsigned flags)
{
	if (flags & PROP_LIVE_NEW)
		return "A running container takes a new one at once; a change waits for "
		       "the next start.";
	if (flags & PROP_LIVE)
		return "A running container takes a change at once.";
	if (flags & PROP_NOW)
		return "A change counts at once.";
	return flags & PROP_PENDING ? "A change waits for the next start." : NULL;
}

static void add_demands(unsigned flags, struct strbuf *out)
{
	if (flags & PROP_DEFAULT_KEY)
		strbuf_adds(out, " The name may be left out.");
	if (flags & PROP_CREATE_ONLY)
		strbuf_adds(out, " It cannot be changed later.");
	if (flags & PROP_UNDELETABLE)
		strbuf_adds(out, " It cannot be deleted.");
	if (flags & PROP_INTERNAL)
		strbuf_adds(out, " It stands in files only and is no option.");
}

static void add_lengths(const struct prop *row, struct strbuf *out)
{
	if (row->type != PROP_TEXT)
		return;
	if (row->min > 1)
		strbuf_addf(out, " At least %lld characters.", row->min);
	if (row->max > 0 && row->max < LLONG_MAX)
		strbuf_addf(out, " At most %lld characters.", row->max);
}

void describe_row(const struct prop *row, struct strbuf *out)
{
	const char *when = effect(row->flags);

	strbuf_adds(out, row->help);
	add_lengths(row, out);
	add_demands(row->flags, out);
	if (when)
		strbuf_addf(out, " %s", when);
}
