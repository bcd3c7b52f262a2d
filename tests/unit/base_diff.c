#include <string.h>

#include "base/diff.h"
#include "base/own.h"
#include "test.h"

static void expect_diff(const char *old, const char *new, const char *want)
{
	auto_strbuf struct strbuf got = STRBUF_INIT;

	diff_add(slice(old), slice(new), &got);
	EXPECT_TEXT(got.at, want);
}

TEST("texts that are the same have no hunk")
{
	expect_diff("", "", "");
	expect_diff("a\nb\n", "a\nb\n", "");
	expect_diff("a", "a", "");
}

TEST("a text that was empty is all added, one that becomes empty all removed")
{
	expect_diff("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
	expect_diff("a\n", "", "@@ -1 +0,0 @@\n-a\n");
}

TEST("a changed line has three lines of context around it")
{
	expect_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		    "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
}

TEST("changes up to six lines apart share a hunk, farther ones have their own")
{
	expect_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		    "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	expect_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		    "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
		    "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

TEST("lines that both texts have are found between others that moved")
{
	expect_diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
		    "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
}

TEST("an LF that is missing at the end is told")
{
	expect_diff("a\nb", "a\nb\n",
		    "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
	expect_diff("", "x", "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n");
}

TEST("lines are fit for a terminal, and tabs stay tabs")
{
	expect_diff("", "\ta\x1b[2Jb\r\n", "@@ -0,0 +1 @@\n+\ta\\x1b[2Jb\\x0d\n");
}

/* count lines that differ from each other, and from those of another first letter. */
static void add_lines(char first, int count, struct strbuf *out)
{
	for (int i = 0; i < count; i++)
		strbuf_addf(out, "%c%d\n", first, i);
}

TEST("beyond the bound the texts are shown as replaced, ends that are the same are not")
{
	auto_strbuf struct strbuf old = STRBUF_INIT, new = STRBUF_INIT, got = STRBUF_INIT;

	for (struct strbuf *text = &old; text; text = text == &old ? &new : NULL) {
		strbuf_adds(text, "same\n");
		add_lines(text == &old ? 'a' : 'b', 600, text);
		strbuf_adds(text, "between\n");
		add_lines(text == &old ? 'c' : 'd', 600, text);
		strbuf_adds(text, "same\n");
	}
	diff_add(strbuf_slice(&old), strbuf_slice(&new), &got);
	EXPECT(strncmp(got.at, "@@ -1,1203 +1,1203 @@\n same\n-a0\n", 32) == 0);
	EXPECT(strstr(got.at, "-between\n") && strstr(got.at, "+between\n"));
	EXPECT(strcmp(got.at + got.len - 6, " same\n") == 0);
}

TEST("of a million lines in two orders every one is told, in bounded memory")
{
	auto_strbuf struct strbuf old = STRBUF_INIT, new = STRBUF_INIT, got = STRBUF_INIT;
	const int count = 500000;

	for (int i = 0; i < count; i++) {
		strbuf_adds(&old, i % 2 ? "\n" : "x\n");
		strbuf_adds(&new, i % 3 ? "\n" : "y\n");
	}
	diff_add(strbuf_slice(&old), strbuf_slice(&new), &got);
	EXPECT(got.len > old.len);
}

/* Apply hunks as patch(1) would, by their marks alone. */
static void apply(struct slice hunks, char keep, struct strbuf *out)
{
	struct slice line;

	while (slice_line(&hunks, &line))
		if (line.len && (line.at[0] == ' ' || line.at[0] == keep))
			strbuf_addf(out, SLICE_FMT "\n", SLICE_ARG(slice_from(line, 1)));
}

TEST("of texts that differ from first to last line the hunks hold both")
{
	for (unsigned seed = 0; seed < 4096; seed++) {
		auto_strbuf struct strbuf old = STRBUF_INIT, new = STRBUF_INIT,
					  hunks = STRBUF_INIT, left = STRBUF_INIT,
					  right = STRBUF_INIT;

		strbuf_adds(&old, "first\n");
		strbuf_adds(&new, "other\n");
		for (unsigned i = 0; i < 6; i++) {
			strbuf_adds(&old, seed >> i & 1 ? "a\n" : "b\n");
			strbuf_adds(&new, seed >> (i + 6) & 1 ? "a\n" : "c\n");
		}
		strbuf_adds(&old, "last\n");
		diff_add(strbuf_slice(&old), strbuf_slice(&new), &hunks);
		apply(strbuf_slice(&hunks), '-', &left);
		apply(strbuf_slice(&hunks), '+', &right);
		EXPECT_TEXT(left.at, old.at);
		EXPECT_TEXT(right.at, new.at);
	}
}
