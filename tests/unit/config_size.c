#include "config/size.h"

#include "test.h"

static void expect_size(const char *text, uint64_t want)
{
	uint64_t bytes = 1;

	EXPECT(size_parse(slice(text), &bytes));
	EXPECT_INT(bytes, want);
}

static void expect_refused(const char *text)
{
	uint64_t bytes = 7;

	EXPECT(!size_parse(slice(text), &bytes));
	EXPECT_INT(bytes, 7);
}

static void expect_printed(uint64_t bytes, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	size_format(bytes, &out);
	EXPECT_TEXT(out.at, want);
}

TEST("sizes are powers of 1024, with or without iB")
{
	expect_size("8G", UINT64_C(8) << 30);
	expect_size("8GiB", UINT64_C(8) << 30);
	expect_size("512K", 512 << 10);
	expect_size("3MiB", 3 << 20);
	expect_size("2T", UINT64_C(2) << 40);
	expect_size("4096", 4096);
	expect_size("0", 0);
}

TEST("the fraction of a size is cut off at whole bytes")
{
	expect_size("1.5G", UINT64_C(1536) << 20);
	expect_size("0.1K", 102);
	expect_size("1.9", 1);
	expect_size("0.99999999999999999999K", 1023);
	expect_size("0.5T", UINT64_C(1) << 39);
}

TEST("what is no size is refused")
{
	static const char *const bad[] = { "",    "G",   "8g",  "8GB",   "8Gi", "-1",
					   "+1",  "1.",  ".5",  "1.5.1", " 8G", "8G ",
					   "8 G", "1e3", "8KB", "iB",    "8iB" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refused(bad[i]);
}

TEST("a size that does not fit is refused, not wrapped")
{
	expect_size("9223372036854775807", INT64_MAX);
	expect_refused("9223372036854775808");
	expect_refused("8388608T");
	expect_size("8388607T", UINT64_C(8388607) << 40);
	expect_refused("99999999999999999999999");
}

TEST("sizes print in the largest unit that divides them")
{
	expect_printed(UINT64_C(8589934592), "8G");
	expect_printed(UINT64_C(8704) << 20, "8704M");
	expect_printed(1536, "1536");
	expect_printed(1073742848, "1048577K");
	expect_printed(5, "5");
	expect_printed(0, "0T");
	expect_printed(UINT64_C(3) << 40, "3T");
}
