#include "template/name.h"

#include "template/extract.h"
#include "template/template.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const char *parsed(const char *text)
{
	static struct member_name name;
	struct error err;

	return member_name_parse(text, &name, &err) < 0 ? "refused" : name.text;
}

TEST("member names are brought into one form below the root")
{
	EXPECT_TEXT(parsed("./etc/passwd"), "etc/passwd");
	EXPECT_TEXT(parsed("etc//./passwd/"), "etc/passwd");
	EXPECT_TEXT(parsed("///etc/x"), "etc/x");
	EXPECT_TEXT(parsed("./"), "");
	EXPECT_TEXT(parsed("..."), "...");
	EXPECT_TEXT(parsed("a/..b/c.."), "a/..b/c..");
}

TEST("a member name with a '..' component, an empty or a too long one is refused")
{
	static char text[70000];
	struct member_name name;
	struct error err;

	EXPECT_TEXT(parsed(".."), "refused");
	EXPECT_TEXT(parsed("../x"), "refused");
	EXPECT_TEXT(parsed("a/../b"), "refused");
	EXPECT_TEXT(parsed("a/.."), "refused");
	EXPECT(member_name_parse("", &name, &err) < 0);
	EXPECT_TEXT(err.text, "the name is empty");
	memset(text, 'x', sizeof(text) - 1);
	EXPECT(member_name_parse(text, &name, &err) < 0);
	EXPECT_TEXT(err.text, "the name has 69999 bytes, more than 4095");
}

TEST("what is below the top-level dev is told apart from dev itself and its likes")
{
	struct member_name name;
	struct error err;

	EXPECT(member_name_parse("./dev/null", &name, &err) == 0 &&
	       member_name_is_device(&name));
	EXPECT(member_name_parse("dev//pts/0", &name, &err) == 0 &&
	       member_name_is_device(&name));
	EXPECT(member_name_parse("./dev/", &name, &err) == 0 &&
	       !member_name_is_device(&name));
	EXPECT(member_name_parse("usr/dev/x", &name, &err) == 0 &&
	       !member_name_is_device(&name));
}

TEST("control characters and other bytes than ASCII are shown as numbers")
{
	char out[64], small[8];

	EXPECT_TEXT(printable("a b\n\033[m\303\244", out, sizeof(out)),
		    "a b\\012\\033[m\\303\\244");
	EXPECT_TEXT(printable("abcdefgh", small, sizeof(small)), "abc");
}

TEST("the suffix alone decides what a template archive is")
{
	static const char *const good[] = { "x.tar",     "x.tar.gz", "x.tgz",
					    "x.tar.bz2", "x.tar.xz", "x.tar.lzo",
					    "x.tar.zst" };
	static const char *const bad[] = { "x", "x.zip", "x.tar.Z", "tar",
					   "x.tar.zst.part" };
	struct error err;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		EXPECT(template_check_name(good[i], &err) == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(template_check_name(bad[i], &err) < 0);
	EXPECT(template_check_name("/a/x.zip", &err) < 0);
	EXPECT_TEXT(err.text, "file does not look like a template archive: /a/x.zip");
}

TEST("sizes are rounded up, with one decimal below ten")
{
	char out[16];

	human_size(0, out);
	EXPECT_TEXT(out, "0B");
	human_size(1023, out);
	EXPECT_TEXT(out, "1023B");
	human_size(10240, out);
	EXPECT_TEXT(out, "10KiB");
	human_size(2160640, out);
	EXPECT_TEXT(out, "2.1MiB");
	human_size(178227200, out);
	EXPECT_TEXT(out, "170MiB");
	human_size(1024 * 1024 - 1, out);
	EXPECT_TEXT(out, "1.0MiB");
	human_size(UINT64_MAX, out);
	EXPECT_TEXT(out, "16EiB");
}
