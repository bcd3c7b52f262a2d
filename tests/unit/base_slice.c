#include "base/slice.h"
#include "test.h"

TEST("a list is split at commas, semicolons and blanks, empty parts left out")
{
	struct slice list = slice(" a,b;; c\td "), word;

	EXPECT(slice_word(&list, &word) && slice_is(word, "a"));
	EXPECT(slice_word(&list, &word) && slice_is(word, "b"));
	EXPECT(slice_word(&list, &word) && slice_is(word, "c"));
	EXPECT(slice_word(&list, &word) && slice_is(word, "d"));
	EXPECT(!slice_word(&list, &word));
}

TEST("a list has a word that is one of its parts, whole")
{
	EXPECT(slice_has_word(slice("rw,cpu cpuacct"), "cpuacct"));
	EXPECT(slice_has_word(slice("rw"), "rw"));
	EXPECT(!slice_has_word(slice("rw,cpuacct"), "cpu"));
	EXPECT(!slice_has_word(slice("rw,cpuacct"), "rw,cpuacct"));
	EXPECT(!slice_has_word(slice(" ,"), ""));
}

TEST("a number out of range or with other characters is refused and leaves the output")
{
	uint64_t value = 7;

	EXPECT(!slice_number(slice("18446744073709551616"), 0, UINT64_MAX, &value));
	EXPECT(!slice_number(slice("99"), 100, 200, &value));
	EXPECT(!slice_number(slice("1x"), 0, 200, &value));
	EXPECT(!slice_number(slice(""), 0, 200, &value));
	EXPECT_INT(value, 7);
	EXPECT(slice_number(slice("200"), 100, 200, &value));
	EXPECT_INT(value, 200);
}

TEST("cutting at a separator that is not there leaves no rest")
{
	struct slice rest, part = slice_cut(slice("abc"), ',', &rest);

	EXPECT(slice_is(part, "abc"));
	EXPECT(rest.at == NULL);
}
