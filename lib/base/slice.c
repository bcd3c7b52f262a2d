#include "base/slice.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/own.h"

struct slice slice(const char *text)
{
	return slice_of(text, text ? strlen(text) : 0);
}

struct slice slice_of(const char *at, size_t len)
{
	return (struct slice){ .at = at, .len = len };
}

bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || memcmp(s.at, text, s.len) == 0);
}

bool slice_is_nocase(struct slice s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || strncasecmp(s.at, text, s.len) == 0);
}

bool slice_starts(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && (len == 0 || memcmp(s.at, prefix, len) == 0);
}

bool slice_ends(struct slice s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && (len == 0 || memcmp(s.at + s.len - len, suffix, len) == 0);
}

struct slice slice_from(struct slice s, size_t start)
{
	if (start >= s.len)
		return slice_of(s.at ? s.at + s.len : NULL, 0);
	return slice_of(s.at + start, s.len - start);
}

struct slice slice_cut(struct slice s, char sep, struct slice *rest)
{
	const char *found = s.len ? memchr(s.at, sep, s.len) : NULL;

	if (!found) {
		*rest = slice_of(NULL, 0);
		return s;
	}
	*rest = slice_of(found + 1, s.len - (size_t)(found - s.at) - 1);
	return slice_of(s.at, (size_t)(found - s.at));
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	while (s.len && is_space(s.at[0])) {
		s.at++;
		s.len--;
	}
	return s;
}

bool slice_line(struct slice *text, struct slice *line)
{
	if (!text->at || text->len == 0)
		return false;
	*line = slice_cut(*text, '\n', text);
	return true;
}

static bool is_separator(char c)
{
	return c == ',' || c == ';' || is_space(c);
}

bool slice_word(struct slice *list, struct slice *word)
{
	size_t len = 0;

	while (list->len && is_separator(list->at[0]))
		*list = slice_from(*list, 1);
	while (len < list->len && !is_separator(list->at[len]))
		len++;
	if (len == 0)
		return false;
	*word = slice_of(list->at, len);
	*list = slice_from(*list, len);
	return true;
}

bool slice_has_word(struct slice list, const char *wanted)
{
	struct slice word;

	while (slice_word(&list, &word))
		if (slice_is(word, wanted))
			return true;
	return false;
}

char *slice_dup(struct slice s)
{
	return xstrndup(s.at ? s.at : "", s.len);
}

size_t slice_digits(struct slice s)
{
	size_t len = 0;

	while (len < s.len && is_digit(s.at[len]))
		len++;
	return len;
}

bool slice_is_digits(struct slice s)
{
	return s.len > 0 && slice_digits(s) == s.len;
}

bool slice_number(struct slice s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!slice_is_digits(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value))
			return false;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}
