#include "test.h"

#include "base/own.h"
#include "base/strbuf.h"
#include "lxc/words.h"

static void expect_words(const char *text, const char *joined)
{
	auto_strbuf struct strbuf got = STRBUF_INIT;
	auto_words char **words = NULL;
	struct error err;

	EXPECT(lxc_split_words(slice(text), &words, &err) == 0);
	for (size_t i = 0; words && words[i]; i++)
		strbuf_addf(&got, "[%s]", words[i]);
	EXPECT_TEXT(got.at, joined);
}

TEST("an entrypoint splits at blanks and tabs")
{
	expect_words("/bin/sh -c id", "[/bin/sh][-c][id]");
	expect_words("  a\t b  ", "[a][b]");
}

TEST("quotes and backslashes in an entrypoint keep blanks together")
{
	expect_words("sh -c 'echo a  b'", "[sh][-c][echo a  b]");
	expect_words("a\"b c\"d \"\\\"x\\\\\" '' e\\ f", "[ab cd][\"x\\][][e f]");
	expect_words("'a\\b' \"a\\b\"", "[a\\b][a\\b]");
}

TEST("an entrypoint with an open quote, or without any word, is refused")
{
	char **words = NULL;
	struct error err;

	EXPECT(lxc_split_words(slice("sh 'a"), &words, &err) < 0);
	EXPECT_TEXT(err.text, "entrypoint: a quote is not closed");
	EXPECT(lxc_split_words(slice("  "), &words, &err) < 0);
	EXPECT_TEXT(err.text, "entrypoint: no program given");
	EXPECT(words == NULL);
}
