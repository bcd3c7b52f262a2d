#include "ct/bwlimit.h"

#include "test.h"

static struct storage limited(const char *value)
{
	struct storage st = { .id = (char[]){ "s" } };

	if (value)
		keyvals_set(&st.props, "bwlimit", value);
	return st;
}

static void expect_limit(double asked, const char *source, const char *target,
			 unsigned long want)
{
	struct storage one = limited(source), other = limited(target);

	EXPECT_INT(bwlimit_find(asked, "clone", &one, &other), want);
	keyvals_done(&one.props);
	keyvals_done(&other.props);
}

TEST("the user's limit wins, also when it is none")
{
	expect_limit(50, "clone=10", "clone=20", 50);
	expect_limit(0, "clone=10", "clone=20", 0);
}

TEST("the smaller limit of the two storages holds")
{
	expect_limit(-1, "clone=10", "clone=20", 10);
	expect_limit(-1, "clone=30", "clone=20", 20);
}

TEST("a storage without a limit for the operation has its default")
{
	expect_limit(-1, "default=7,move=1", "clone=20", 7);
	expect_limit(-1, NULL, "default=9", 9);
	expect_limit(-1, "default=9,clone=0", NULL, 0);
}

TEST("without limits there is none")
{
	expect_limit(-1, NULL, NULL, 0);
	EXPECT_INT(bwlimit_find(-1, "clone", NULL, NULL), 0);
}

TEST("less than one KiB/s is one")
{
	expect_limit(0.5, NULL, NULL, 1);
	expect_limit(-1, "clone=0.5", NULL, 1);
}
