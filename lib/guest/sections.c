#include "guest/sections.h"

#include <strings.h>

#include "base/ascii.h"
#include "guest/files.h"

struct section_at {
	bool found;
	struct slice before, after; /* the text around it, whole lines */
};

/* "#", blanks, "---", blanks, word, blanks, "PVE"; anything may follow. */
static bool is_marker(struct slice line, const char *word,
		      int (*compare)(const char *, const char *, size_t))
{
	const char *const parts[] = { "#", "---", word, "PVE" };

	for (size_t i = 0; i < 4; i++) {
		size_t len = slice(parts[i]).len;

		while (i > 0 && line.len && is_blank(line.at[0]))
			line = slice_from(line, 1);
		if (line.len < len || compare(line.at, parts[i], len) != 0)
			return false;
		line = slice_from(line, len);
	}
	return true;
}

static int compare_exact(const char *left, const char *right, size_t len)
{
	return !slice_starts(slice_of(left, len), right);
}

static struct slice without_empty_end(struct slice text)
{
	while (text.len && text.at[text.len - 1] == '\n')
		text.len--;
	return text;
}

static struct section_at find(struct slice body)
{
	struct section_at at = { .before = { body.at, 0 } };
	struct slice rest = body, line;
	bool begun = false;

	while (slice_line(&rest, &line)) {
		if (is_marker(line, "BEGIN", compare_exact)) {
			begun = true;
			at.before.len = (size_t)(line.at - body.at);
		} else if (begun && is_marker(line, "END", strncasecmp)) {
			at.found = true;
			at.after = rest;
			return at;
		}
	}
	return at;
}

static void add_lines(struct strbuf *out, struct slice lines)
{
	strbuf_add_slice(out, lines);
	if (lines.len && lines.at[lines.len - 1] != '\n')
		strbuf_addc(out, '\n');
}

static void add_section(struct strbuf *out, struct slice data)
{
	strbuf_adds(out, SECTION_BEGIN "\n");
	add_lines(out, data);
	strbuf_adds(out, SECTION_END "\n");
}

enum section_result section_edit(struct slice old, struct slice data,
				 enum section_place place, unsigned flags,
				 struct strbuf *out)
{
	struct slice body = without_empty_end(old);
	struct section_at at = find(body);

	if (!at.found && data.len == 0)
		return SECTION_UNCHANGED;
	if (at.found && data.len == 0 && at.before.len == 0 && at.after.len == 0)
		return flags & SECTION_DELETE ? SECTION_REMOVE : SECTION_UNCHANGED;
	if (at.found) {
		add_lines(out, at.before);
		add_section(out, data);
		add_lines(out, at.after);
		return SECTION_WRITE;
	}
	if (place == SECTION_PREPEND)
		add_section(out, data);
	if (old.at && place != SECTION_REPLACE) {
		strbuf_add_slice(out, body);
		strbuf_addc(out, '\n');
	}
	if (place != SECTION_PREPEND)
		add_section(out, data);
	return SECTION_WRITE;
}

int guest_edit_section(const struct guest_root *root, const char *path, struct slice data,
		       enum section_place place, unsigned flags, mode_t mode,
		       struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(root, path, &old, err);

	if (found < 0)
		return -1;
	switch (section_edit(found ? strbuf_slice(&old) : slice(NULL), data, place, flags,
			     &text)) {
	case SECTION_WRITE:
		return guest_write(root, path, strbuf_slice(&text), mode, 0, err);
	case SECTION_REMOVE: guest_unlink(root, path); return 0;
	default: return 0;
	}
}
