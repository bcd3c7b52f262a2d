/*
 * The algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), in
 * its plain form: reach(d, k) is how far into the old text d edits get on diagonal k,
 * which is the difference of the positions in both texts.
 */
#include "base/diff.h"

#include <stdbool.h>
#include <string.h>

#include "base/escape.h"
#include "base/own.h"

#define CONTEXT   3
#define EDITS_MAX 512

/* The lines of one text, each with its LF. */
struct side {
	struct slice *line;
	bool *changed; /* removed from the old text, added to the new one */
	size_t count;
};

/* What is between the lines that both texts start and end with. */
struct middle {
	struct side old, new;
};

static void side_done(struct side *side)
{
	free_ptr(&side->line);
	free_ptr(&side->changed);
}

#define auto_side __attribute__((cleanup(side_done)))

static size_t count_lines(struct slice text)
{
	struct slice line;
	size_t count = 0;

	while (slice_line(&text, &line))
		count++;
	return count;
}

static void side_init(struct side *side, struct slice text)
{
	size_t lines = count_lines(text);
	struct slice line;

	side->count = 0;
	side->line = xcalloc(lines + 1, sizeof(*side->line));
	side->changed = xcalloc(lines + 1, sizeof(*side->changed));
	while (slice_line(&text, &line)) {
		/* Still behind it in the text, unless it is the last one without. */
		line.len += text.at != NULL;
		side->line[side->count++] = line;
	}
}

static bool is_same(struct slice left, struct slice right)
{
	return left.len == right.len && memcmp(left.at, right.at, left.len) == 0;
}

static struct side part_of(const struct side *side, size_t start, size_t end)
{
	return (struct side){ side->line + start, side->changed + start,
			      side->count - start - end };
}

static struct middle find_middle(const struct side *old, const struct side *new)
{
	size_t least = old->count < new->count ? old->count : new->count;
	size_t start = 0, end = 0;

	while (start < least && is_same(old->line[start], new->line[start]))
		start++;
	while (end < least - start &&
	       is_same(old->line[old->count - 1 - end], new->line[new->count - 1 - end]))
		end++;
	return (struct middle){ part_of(old, start, end), part_of(new, start, end) };
}

/* Where reach(d, k) is kept, k from -d to d. */
static size_t place(long d, long k)
{
	return (size_t)(d * d + d + k);
}

/* The last of d edits that lead to diagonal k adds a line; else it removes one. */
static bool is_addition(const long *reach, long d, long k)
{
	return k == -d ||
	       (k != d && reach[place(d - 1, k - 1)] < reach[place(d - 1, k + 1)]);
}

static long follow(const struct middle *middle, const long *reach, long d, long k)
{
	const struct side *old = &middle->old, *new = &middle->new;
	long at = d == 0                     ? 0
		  : is_addition(reach, d, k) ? reach[place(d - 1, k + 1)]
					     : reach[place(d - 1, k - 1)] + 1;

	while (at < (long)old->count &&
	       at - k < (long)new->count &&is_same(old->line[at], new->line[at - k]))
		at++;
	return at;
}

/* The least number of edits, with all of reach up to it; -1: too many. */
static long count_edits(const struct middle *middle, long *reach)
{
	long last = (long)middle->old.count - (long)middle->new.count;

	for (long d = 0; d < EDITS_MAX; d++)
		for (long k = -d; k <= d; k += 2) {
			reach[place(d, k)] = follow(middle, reach, d, k);
			if (k == last && reach[place(d, k)] >= (long)middle->old.count)
				return d;
		}
	return -1;
}

/* Back from the end, edit by edit. */
static void mark_edits(const struct middle *middle, const long *reach, long edits)
{
	long k = (long)middle->old.count - (long)middle->new.count;

	for (long d = edits; d > 0; d--) {
		bool added = is_addition(reach, d, k);
		long at;

		k += added ? 1 : -1;
		at = reach[place(d - 1, k)];
		if (added)
			middle->new.changed[at - k] = true;
		else
			middle->old.changed[at] = true;
	}
}

static void mark_all(const struct middle *middle)
{
	memset(middle->old.changed, true, middle->old.count);
	memset(middle->new.changed, true, middle->new.count);
}

static void compare(const struct side *old, const struct side *new)
{
	struct middle middle = find_middle(old, new);
	auto_free long *reach = NULL;
	long edits = -1;

	if (middle.old.count && middle.new.count) {
		reach = xcalloc(place(EDITS_MAX, 0), sizeof(*reach));
		edits = count_edits(&middle, reach);
	}
	if (edits < 0)
		mark_all(&middle);
	else
		mark_edits(&middle, reach, edits);
}

/* A line in both texts. */
struct spot {
	size_t old, new;
};

static bool is_changed(const struct side *old, const struct side *new, struct spot at)
{
	return (at.old < old->count && old->changed[at.old]) ||
	       (at.new < new->count &&new->changed[at.new]);
}

static bool is_end(const struct side *old, const struct side *new, struct spot at)
{
	return at.old >= old->count && at.new >= new->count;
}

/* Over the lines that changed here. */
static struct spot skip_changed(const struct side *old, const struct side *new,
				struct spot at)
{
	while (at.old < old->count && old->changed[at.old])
		at.old++;
	while (at.new < new->count &&new->changed[at.new])
		at.new ++;
	return at;
}

/* Over lines that are in both texts, max at most. */
static struct spot skip_same(const struct side *old, const struct side *new, struct spot at,
			     size_t max)
{
	for (; max && !is_end(old, new, at) && !is_changed(old, new, at); max--)
		at.old++, at.new ++;
	return at;
}

/* Up to the context behind the last change that is not far from the one before. */
static struct spot find_end(const struct side *old, const struct side *new, struct spot at)
{
	for (;;) {
		struct spot behind = skip_changed(old, new, at);

		at = skip_same(old, new, behind, 2 * CONTEXT);
		if (is_end(old, new, at) || !is_changed(old, new, at))
			return skip_same(old, new, behind, CONTEXT);
	}
}

static void add_line(char mark, struct slice line, struct strbuf *out)
{
	bool whole = slice_ends(line, "\n");

	strbuf_addc(out, mark);
	line.len -= whole;
	line_escape(line, out);
	strbuf_adds(out, whole ? "\n" : "\n\\ No newline at end of file\n");
}

static void add_range(char mark, size_t start, size_t count, struct strbuf *out)
{
	strbuf_addf(out, " %c%zu", mark, start + (count > 0));
	if (count != 1)
		strbuf_addf(out, ",%zu", count);
}

static void add_hunk(const struct side *old, const struct side *new, struct spot at,
		     struct spot end, struct strbuf *out)
{
	strbuf_adds(out, "@@");
	add_range('-', at.old, end.old - at.old, out);
	add_range('+', at.new, end.new - at.new, out);
	strbuf_adds(out, " @@\n");
	while (at.old < end.old || at.new < end.new) {
		struct spot next = skip_changed(old, new, at);

		for (; at.old < next.old; at.old++)
			add_line('-', old->line[at.old], out);
		for (; at.new < next.new; at.new ++)
			add_line('+', new->line[at.new], out);
		for (; at.old < end.old && !is_changed(old, new, at); at.old++, at.new ++)
			add_line(' ', old->line[at.old], out);
	}
}

void diff_add(struct slice old_text, struct slice new_text, struct strbuf *out)
{
	auto_side struct side old = { 0 }, new = { 0 };
	struct spot at = { 0, 0 };

	side_init(&old, old_text);
	side_init(&new, new_text);
	compare(&old, &new);
	for (;;) {
		struct spot start, end;
		size_t before;

		start = skip_same(&old, &new, at, old.count);
		if (is_end(&old, &new, start))
			return;
		end = find_end(&old, &new, start);
		before = start.old - at.old < CONTEXT ? start.old - at.old : CONTEXT;
		start.old -= before;
		start.new -= before;
		add_hunk(&old, &new, start, end, out);
		at = end;
	}
}
