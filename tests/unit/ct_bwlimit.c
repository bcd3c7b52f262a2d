#include "ct/bwlimit.h"

#include "storage/type.h"

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

/* What the rows of storage.md 2.6 give: no --bwlimit, an operation, two storages. */
static const struct {
	const char *operation, *source, *target;
	unsigned long want;
} rows[] = {
	{ "clone", "default=5,clone=10", NULL, 10 },
	{ "move", "default=5,clone=10", NULL, 5 },
	{ "restore", "default=5,clone=10", NULL, 5 },
	{ "migration", "clone=10", NULL, 0 },
	{ "migration", "migration=3,move=4", "migration=9", 3 },
	{ "move", "migration=3,move=4", "migration=9", 4 },
	{ "move", "move=4", "default=3", 3 },
	{ "move", "default=4", "move=3,default=1", 3 },
	{ "restore", NULL, "restore=8", 8 },
	/* An operation without limit has none, whatever the default; the other's holds. */
	{ "clone", "default=5,clone=0", "clone=20", 20 },
	{ "clone", "default=5,clone=0", "clone=0", 0 },
	/* A name has to be the whole one. */
	{ "clone", "clon=1,clones=2,xclone=3", NULL, 0 },
};

TEST("each operation has its own limit on each storage, else the storage's default")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct storage one = limited(rows[i].source),
			       other = limited(rows[i].target);

		EXPECT_INT(bwlimit_find(-1, rows[i].operation, &one, &other), rows[i].want);
		EXPECT_INT(bwlimit_find(-1, rows[i].operation, &other, &one), rows[i].want);
		EXPECT_INT(bwlimit_find(7, rows[i].operation, &one, &other), 7);
		EXPECT_INT(bwlimit_find(0, rows[i].operation, &one, &other), 0);
		keyvals_done(&one.props);
		keyvals_done(&other.props);
	}
}

TEST("one storage on both sides counts once, as does one alone")
{
	struct storage one = limited("clone=10");

	EXPECT_INT(bwlimit_find(-1, "clone", &one, &one), 10);
	EXPECT_INT(bwlimit_find(-1, "clone", NULL, &one), 10);
	EXPECT_INT(bwlimit_find(-1, "clone", &one, NULL), 10);
	keyvals_done(&one.props);
}

TEST("a copy has the limits of the volume's storage and of its target")
{
	struct storage two[] = { limited("move=30"), limited("move=20") };
	struct storages all = { .at = two, .count = 2 };
	struct error err;
	uint64_t limit = 0;

	two[0].id = (char[]){ "one" };
	two[0].type = storage_type_find("dir");
	EXPECT_INT(bwlimit_of_copy(&all, -1, "move", "one:100/vm-100-disk-0.raw", &two[1],
				   &limit, &err),
		   0);
	EXPECT_INT(limit, 20);
	EXPECT_INT(bwlimit_of_copy(&all, -1, "move", "none:x", &two[1], &limit, &err), -1);
	EXPECT_TEXT(err.text, "storage 'none' does not exist");
	keyvals_done(&two[0].props);
	keyvals_done(&two[1].props);
}
