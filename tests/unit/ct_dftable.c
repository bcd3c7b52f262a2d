#include "ct/dftable.h"

#include "test.h"

#define GIB (1024ULL * 1024 * 1024)

TEST("columns are as wide as their widest cell, numbers to the right, the path last")
{
	const struct df_row rows[] = {
		{ "rootfs", "local:100/vm-100-disk-0.raw", "/", 8375186227, 1288490189,
		  6657199309 },
		{ "mp0", "/mnt/share", "/srv", 983332760781, 3328599654, 929860419584 },
	};
	auto_strbuf struct strbuf out = STRBUF_INIT;

	df_format(rows, 2, &out);
	EXPECT_TEXT(out.at,
		    "MP     Volume                        Size Used  Avail Use% Path\n"
		    "rootfs local:100/vm-100-disk-0.raw   7.8G 1.2G   6.2G 15.4 /\n"
		    "mp0    /mnt/share                  915.8G 3.1G 866.0G  0.3 /srv\n");
}

TEST("small sizes are bare bytes, and nothing of nothing is 0.0 percent")
{
	const struct df_row rows[] = { { "mp0", "a", "/x", 0, 0, 1023 },
				       { "mp1", "b", "/y", 2048, 1024, 5 * 1024 * GIB } };
	auto_strbuf struct strbuf out = STRBUF_INIT;

	df_format(rows, 2, &out);
	EXPECT_TEXT(out.at, "MP  Volume Size Used Avail Use% Path\n"
			    "mp0 a         0    0  1023  0.0 /x\n"
			    "mp1 b      2.0K 1.0K  5.0T 50.0 /y\n");
}
