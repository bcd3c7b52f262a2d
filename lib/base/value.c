#include "base/value.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/strbuf.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* jansson fails for want of memory only, as all texts are UTF-8 here. */
static json_t *must(json_t *value)
{
	if (!value)
		abort();
	return value;
}

struct json_t *value_object(void)
{
	return must(json_object());
}

struct json_t *value_list(void)
{
	return must(json_array());
}

/* The length that a character's first byte promises; 0: it is none (RFC 3629, 3). */
static size_t promised_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The range of the second byte keeps out surrogates, long forms and too high ones. */
static int is_second(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

/* The length of the character at text; 0: it is broken. The end, NUL, breaks it, too. */
static size_t character_length(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t len = promised_length(bytes[0]);

	if (len > 1 && !is_second(bytes[0], bytes[1]))
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static char *as_utf8(const char *text)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	while (*text) {
		size_t len = character_length(text);

		if (len)
			strbuf_add(&out, text, len);
		else
			strbuf_adds(&out, REPLACEMENT);
		text += len ? len : 1;
	}
	return strbuf_take(&out);
}

struct json_t *value_text(const char *text)
{
	auto_free char *valid = text ? as_utf8(text) : NULL;

	return valid ? must(json_string(valid)) : NULL;
}

struct json_t *value_int(long long number)
{
	return must(json_integer(number));
}

struct json_t *value_number(const char *text)
{
	char *end;
	long long whole;
	double real;

	if (!text || !*text || text[strspn(text, "0123456789.-")])
		return value_text(text);
	errno = 0;
	whole = strtoll(text, &end, 10);
	if (!*end && errno == 0)
		return value_int(whole);
	real = strtod(text, &end);
	return !*end && isfinite(real) ? must(json_real(real)) : value_text(text);
}

void value_set(struct json_t *object, const char *key, struct json_t *value)
{
	auto_free char *valid = as_utf8(key);

	if (value && json_object_set_new(object, valid, value) < 0)
		abort();
}

void value_add(struct json_t *list, struct json_t *value)
{
	if (value && json_array_append_new(list, value) < 0)
		abort();
}

void value_free(struct json_t **value)
{
	json_decref(*value);
	*value = NULL;
}
