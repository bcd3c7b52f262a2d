#include "template/packexclude.h"

#include "test.h"

static bool is_out(const char *pattern, const char *member)
{
	const char *const patterns[] = { pattern, NULL };

	return pack_is_excluded(patterns, member);
}

TEST("a pattern with a slash in front is compared with the whole name")
{
	EXPECT(is_out("/tmp", "./tmp"));
	EXPECT(is_out("/tmp", "./tmp/a/b"));
	EXPECT(!is_out("/tmp", "./tmp2"));
	EXPECT(!is_out("/tmp", "./var/tmp"));
	EXPECT(is_out("/var/*/bar", "./var/a/b/bar"));
}

TEST("the standard pattern drops what is in a directory, and keeps the directory")
{
	EXPECT(is_out("/tmp/?*", "./tmp/.x"));
	EXPECT(is_out("/tmp/?*", "./tmp/a/b"));
	EXPECT(!is_out("/tmp/?*", "./tmp"));
	EXPECT(!is_out("/tmp/?*", "./tmp/"));
	EXPECT(is_out("/var/run/?*.pid", "./var/run/a.pid"));
	EXPECT(!is_out("/var/run/?*.pid", "./var/run/.pid"));
}

TEST("another pattern matches from any component on")
{
	EXPECT(is_out("bar", "./bar"));
	EXPECT(is_out("bar", "./var/foo/bar"));
	EXPECT(is_out("bar", "./bar/below"));
	EXPECT(!is_out("bar", "./bar2"));
	EXPECT(!is_out("bar", "./foobar"));
	EXPECT(is_out("foo*", "./var/foo"));
	EXPECT(is_out("foo*", "./var/foo/x"));
	EXPECT(is_out("*.bak", "./a/b.bak"));
}

TEST("stars and question marks match slashes and leading dots")
{
	EXPECT(is_out("a*b", "./x/a/b"));
	EXPECT(is_out("a?b", "./x/a/b"));
	EXPECT(is_out("/*", "./.hidden"));
	EXPECT(is_out("[a-c]x", "./d/bx"));
	EXPECT(is_out("a\\*", "./a*"));
	EXPECT(!is_out("a\\*", "./ab"));
}

TEST("a pattern that ends with a slash matches nothing")
{
	EXPECT(!is_out("/opt/log/", "./opt/log"));
	EXPECT(!is_out("/opt/log/", "./opt/log/a"));
	EXPECT(!is_out("log/", "./opt/log/a"));
}

TEST("any of several patterns is enough, and without patterns nothing is left out")
{
	static const char *const patterns[] = { "/a", "b", NULL };
	static const char *const none[] = { NULL };

	EXPECT(pack_is_excluded(patterns, "./x/b"));
	EXPECT(pack_is_excluded(patterns, "./a"));
	EXPECT(!pack_is_excluded(patterns, "./c"));
	EXPECT(!pack_is_excluded(none, "./a"));
	EXPECT(!pack_is_excluded(NULL, "./a"));
}
