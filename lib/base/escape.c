#include "base/escape.h"

#include <string.h>

/* Bytes of the UTF-8 character at the start of text; 0: it is none. */
static size_t character_len(struct slice text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	size_t len = at[0] < 0x80                     ? 1
		     : at[0] >= 0xc2 && at[0] <= 0xdf ? 2
		     : at[0] >= 0xe0 && at[0] <= 0xef ? 3
		     : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
						      : 0;

	if (len > text.len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

/* C0, DEL, and C1, which terminals obey in its UTF-8 form too. */
static bool is_control(struct slice text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text.at;

	if (len == 1)
		return at[0] < ' ' || at[0] == 0x7f;
	return len == 2 && at[0] == 0xc2 && at[1] < 0xa0;
}

static void escape(struct slice text, bool tabs, struct strbuf *out)
{
	while (text.len) {
		size_t len = character_len(text);
		bool shown =
			len && (!is_control(text, len) || (tabs && text.at[0] == '\t'));

		if (shown)
			strbuf_add(out, text.at, len);
		else
			strbuf_addf(out, "\\x%02x", (unsigned)(unsigned char)text.at[0]);
		text = slice_from(text, shown ? len : 1);
	}
}

void text_escape(struct slice text, struct strbuf *out)
{
	escape(text, false, out);
}

void line_escape(struct slice text, struct strbuf *out)
{
	escape(text, true, out);
}

void error_escape(struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	size_t len;

	text_escape(slice(err->text), &text);
	len = text.len < sizeof(err->text) ? text.len : sizeof(err->text) - 1;
	memcpy(err->text, text.at, len);
	err->text[len] = '\0';
}
