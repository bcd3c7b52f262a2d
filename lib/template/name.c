#include "template/name.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"

bool member_name_climbs(const char *text)
{
	struct slice rest = slice(text);

	while (rest.at)
		if (slice_is(slice_cut(rest, '/', &rest), ".."))
			return true;
	return false;
}

int member_name_parse(const char *text, struct member_name *out, struct error *err)
{
	size_t len = strlen(text), used = 0;
	struct slice rest = slice(text), part;

	if (len == 0)
		return fail(err, 0, "the name is empty");
	if (len >= sizeof(out->text))
		return fail(err, 0, "the name has %zu bytes, more than %zu", len,
			    sizeof(out->text) - 1);
	if (member_name_climbs(text))
		return fail(err, 0, "the name contains '..'");
	while (rest.at) {
		part = slice_cut(rest, '/', &rest);
		if (part.len == 0 || slice_is(part, "."))
			continue;
		if (used > 0)
			out->text[used++] = '/';
		memcpy(out->text + used, part.at, part.len);
		used += part.len;
	}
	out->text[used] = '\0';
	out->len = used;
	out->was_absolute = text[0] == '/';
	return 0;
}

bool member_name_is_device(const struct member_name *name)
{
	return strncmp(name->text, "dev/", 4) == 0;
}

size_t member_name_parent(const struct member_name *name)
{
	const char *slash = memrchr(name->text, '/', name->len);

	return slash ? (size_t)(slash - name->text) : 0;
}

const char *member_name_base(const struct member_name *name)
{
	size_t parent = member_name_parent(name);

	return name->text + parent + (parent > 0);
}

const char *printable(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (; *text && used + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= ' ' && c < 0x7f)
			out[used++] = (char)c;
		else
			used += (size_t)snprintf(out + used, size - used, "\\%03o", c);
	}
	out[used] = '\0';
	return out;
}
