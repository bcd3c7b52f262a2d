#include "base/mountinfo.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/own.h"

#define TEXT_MAX (16 * 1024 * 1024)

int mountinfo_read(struct strbuf *out, struct error *err)
{
	return read_file(AT_FDCWD, "/proc/self/mountinfo", TEXT_MAX, out, err);
}

/* The place of the "-" varies: it stands behind the optional fields. */
static bool skip_optional(struct slice *rest)
{
	while (rest->at)
		if (slice_is(slice_cut(*rest, ' ', rest), "-"))
			return rest->at != NULL;
	return false;
}

/* "31 23 0:29 / POINT rw,relatime shared:9 master:1 - FSTYPE source OPTIONS" */
static bool parse_line(struct slice line, struct mountinfo *out)
{
	struct slice *const fields[] = { &out->id, &out->parent, &out->device, &out->root,
					 &out->point };
	struct slice rest = line;

	for (int field = 0; field < 5; field++) {
		*fields[field] = slice_cut(rest, ' ', &rest);
		if (!rest.at)
			return false;
	}
	if (!skip_optional(&rest))
		return false;
	out->fstype = slice_cut(rest, ' ', &rest);
	out->source = slice_cut(rest, ' ', &rest);
	out->options = rest;
	return true;
}

bool mountinfo_next(struct slice *text, struct mountinfo *out)
{
	struct mountinfo mount;
	struct slice line;

	while (slice_line(text, &line))
		if (parse_line(line, &mount)) {
			*out = mount;
			return true;
		}
	return false;
}

static bool is_octal(char byte, char highest)
{
	return byte >= '0' && byte <= highest;
}

static bool is_escape(struct slice text)
{
	return text.len >= 4 && text.at[0] == '\\' && is_octal(text.at[1], '3') &&
	       is_octal(text.at[2], '7') && is_octal(text.at[3], '7');
}

char *mountinfo_decode(struct slice field)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	while (field.len) {
		const char *at = field.at;
		bool escaped = is_escape(field);

		strbuf_addc(&out, escaped ? (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
						   (at[3] - '0'))
					  : at[0]);
		field = slice_from(field, escaped ? 4 : 1);
	}
	return strbuf_take(&out);
}
