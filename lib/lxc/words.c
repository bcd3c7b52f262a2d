#include "lxc/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/own.h"
#include "base/strbuf.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Add what stands in quotes at *at, and step behind them; false: they never end. */
static bool take_quoted(struct slice text, size_t *at, struct strbuf *word)
{
	char quote = text.at[(*at)++];

	for (; *at < text.len; (*at)++) {
		if (text.at[*at] == quote) {
			(*at)++;
			return true;
		}
		if (quote == '"' && text.at[*at] == '\\' && *at + 1 < text.len &&
		    strchr("\"\\$`", text.at[*at + 1]))
			(*at)++;
		strbuf_addc(word, text.at[*at]);
	}
	return false;
}

static bool take_word(struct slice text, size_t *at, struct strbuf *word)
{
	while (*at < text.len && !is_blank(text.at[*at])) {
		if (text.at[*at] == '\'' || text.at[*at] == '"') {
			if (!take_quoted(text, at, word))
				return false;
			continue;
		}
		if (text.at[*at] == '\\' && *at + 1 < text.len)
			(*at)++;
		strbuf_addc(word, text.at[(*at)++]);
	}
	return true;
}

int lxc_split_words(struct slice text, char ***words, struct error *err)
{
	auto_words char **list = xcalloc(1, sizeof(*list));
	size_t count = 0, at = 0;

	for (;;) {
		auto_strbuf struct strbuf word = STRBUF_INIT;

		while (at < text.len && is_blank(text.at[at]))
			at++;
		if (at == text.len)
			break;
		if (!take_word(text, &at, &word))
			return fail(err, 0, "entrypoint: a quote is not closed");
		list = xreallocarray(list, count + 2, sizeof(*list));
		list[count++] = strbuf_take(&word);
		list[count] = NULL;
	}
	if (count == 0)
		return fail(err, 0, "entrypoint: no program given");
	*words = take_ptr(&list);
	return 0;
}
