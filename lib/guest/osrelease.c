#include "guest/osrelease.h"

#include <string.h>

#include "base/ascii.h"

static struct slice skip_blanks(struct slice text)
{
	while (text.len && strchr(" \t\v\f\r", text.at[0]) && text.at[0] != '\0')
		text = slice_from(text, 1);
	return text;
}

static void add_single_quoted(struct slice rest, struct strbuf *value)
{
	struct slice behind, text = slice_cut(rest, '\'', &behind);

	if (behind.at)
		strbuf_add_slice(value, text);
}

/* What a backslash in double quotes makes of c; 0: both characters stay. */
static char unescaped(char c)
{
	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	return c != '\0' && strchr("\"'`$\\", c) ? c : '\0';
}

/* Without its closing quote the value is empty. */
static void add_double_quoted(struct slice rest, struct strbuf *value)
{
	size_t start = value->len;

	for (size_t i = 0; i < rest.len; i++) {
		if (rest.at[i] == '"')
			return;
		if (rest.at[i] != '\\' || i + 1 == rest.len) {
			strbuf_addc(value, rest.at[i]);
			continue;
		}
		i++;
		if (!unescaped(rest.at[i]))
			strbuf_addc(value, '\\');
		strbuf_addc(value,
			    unescaped(rest.at[i]) ? unescaped(rest.at[i]) : rest.at[i]);
	}
	strbuf_cut(value, start);
}

static void add_value(struct slice rest, struct strbuf *value)
{
	size_t len = 0;

	if (rest.len && rest.at[0] == '\'') {
		add_single_quoted(slice_from(rest, 1), value);
	} else if (rest.len && rest.at[0] == '"') {
		add_double_quoted(slice_from(rest, 1), value);
	} else {
		while (len < rest.len && is_alnum(rest.at[len]))
			len++;
		strbuf_add(value, rest.at, len);
	}
}

bool osrelease_get(struct slice text, const char *name, struct strbuf *value)
{
	struct slice line, rest;
	size_t start = value->len;
	bool found = false;

	while (slice_line(&text, &line)) {
		if (!slice_is(slice_cut(skip_blanks(line), '=', &rest), name) || !rest.at)
			continue;
		strbuf_cut(value, start);
		add_value(rest, value);
		found = true;
	}
	return found;
}
