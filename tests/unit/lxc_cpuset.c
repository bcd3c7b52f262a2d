#include "lxc/cpuset.h"

#include "test.h"

static void expect_resized(const char *now, const char *allowed, size_t wanted,
			   const char *want, const char *file, int line)
{
	auto_cpuset struct cpuset had = { 0 }, all = { 0 }, got = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	test_expect(cpuset_parse(slice(now), &had) && cpuset_parse(slice(allowed), &all),
		    file, line, "lists");
	cpuset_resize(&had, &all, wanted, &got);
	cpuset_format(&got, &text);
	test_expect_text(text.at, want, file, line);
}
#define EXPECT_RESIZED(now, allowed, wanted, want) \
	expect_resized(now, allowed, wanted, want, __FILE__, __LINE__)

TEST("fewer CPUs are the lowest of those that the container has")
{
	EXPECT_RESIZED("2-5", "0-7", 2, "2,3");
}

TEST("more CPUs are those that it has and the lowest others")
{
	EXPECT_RESIZED("5,6", "0-7", 4, "0,1,5,6");
}

TEST("no number, or one above what there is, means all that are allowed")
{
	EXPECT_RESIZED("5", "0-3,8", 0, "0,1,2,3,8");
	EXPECT_RESIZED("5", "0-1", 64, "0,1");
}

TEST("a CPU that is no longer allowed is given up")
{
	EXPECT_RESIZED("0,9", "0-3", 2, "0,1");
}

TEST("a container without a set of its own gets the lowest")
{
	EXPECT_RESIZED("", "4-7", 2, "4,5");
}

TEST("what is no list of CPUs is refused")
{
	auto_cpuset struct cpuset set = { 0 };

	EXPECT(!cpuset_parse(slice("1-x"), &set));
	EXPECT(!cpuset_parse(slice("3-1"), &set));
	EXPECT(!cpuset_parse(slice("99999999"), &set));
}
