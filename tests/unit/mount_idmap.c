/* Maps of id-mapped mounts, as runtime.md 4.5 makes them. */
#include "test.h"

#include <stdlib.h>

#include "base/own.h"
#include "mount/idmap.h"

/* The lines of both maps, uids first. */
static char *made(const char *list, const struct idmap *container)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct idmap map;
	struct error err;

	if (mount_idmap(list, container, &map, &err) < 0)
		return xstrdup(err.text);
	idmap_format(&map, 'u', &text);
	strbuf_adds(&text, "-\n");
	idmap_format(&map, 'g', &text);
	return strbuf_take(&text);
}

static void makes(const char *list, const struct idmap *container, const char *want)
{
	auto_free char *got = made(list, container);

	EXPECT_TEXT(got, want);
}

TEST("passthrough is the map of the container: ids on disk are those inside")
{
	struct idmap map;

	idmap_default(&map);
	makes("passthrough", &map, "0 100000 65536\n-\n0 100000 65536\n");
}

TEST("an entry maps an id on disk, ids around it are on disk as on the host")
{
	struct idmap map;

	idmap_default(&map);
	makes("u:123:456:1", &map,
	      "100000 100000 123\n456 100123 1\n100124 100124 65412\n-\n"
	      "100000 100000 65536\n");
}

static void roots(const char *list, const struct idmap *container, long uid, long gid)
{
	uint32_t got_uid = 1, got_gid = 1;
	struct error err;

	EXPECT_INT(mount_idmap_root(list, container, &got_uid, &got_gid, &err), 0);
	EXPECT_INT(got_uid, uid);
	EXPECT_INT(got_gid, gid);
}

TEST("root of the container has the id on disk that the list says, else that of the host")
{
	struct idmap map, none = { 0 };
	uint32_t uid, gid;
	struct error err;

	idmap_default(&map);
	roots(NULL, &map, 100000, 100000);
	roots("passthrough", &map, 0, 0);
	roots("u:0:7:1", &map, 7, 100000);
	roots("u:5:7:1;g:0:8:3", &map, 100000, 8);
	roots("u:0:7:1", &none, 0, 0);
	EXPECT_INT(mount_idmap_root("u:0", &map, &uid, &gid, &err), -1);
}

TEST("users and groups have maps of their own")
{
	struct idmap map;

	idmap_default(&map);
	makes("g:10:20:3;u:0:5:1", &map,
	      "5 100000 1\n100001 100001 65535\n-\n"
	      "100000 100000 10\n20 100010 3\n100013 100013 65523\n");
}

TEST("entries may stand in any order, and one may end where the next begins")
{
	struct idmap map;

	idmap_default(&map);
	makes("u:65535:9:1;u:1:7:1;u:0:6:1;g:0:0:65536", &map,
	      "6 100000 1\n7 100001 1\n100002 100002 65533\n9 165535 1\n-\n"
	      "0 100000 65536\n");
}

TEST("an entry is clamped to the ranges of the container, and dropped outside them")
{
	struct idmap map = { 0 };
	struct error err;

	EXPECT_INT(idmap_add(&map, slice("u 0 100000 10"), &err), 0);
	EXPECT_INT(idmap_add(&map, slice("u 20 200000 10"), &err), 0);
	makes("u:8:1000:14;u:500:1:1", &map,
	      "100000 100000 8\n1000 100008 2\n1012 200000 2\n200002 200002 8\n-\n");
}

TEST("the last id of 32 bits is mapped like any other")
{
	struct idmap map = { 0 };
	struct error err;

	EXPECT_INT(idmap_add(&map, slice("u 4294967294 10 2"), &err), 0);
	makes("u:4294967295:7:1", &map, "10 10 1\n7 11 1\n-\n");
}

TEST("entries that overlap inside, on disk, or with an id that stays are refused")
{
	struct idmap map;

	idmap_default(&map);
	makes("u:0:0:10;u:9:100:1", &map,
	      "idmap: invalid map entry 'u 9 100 1': container uid 9 is also mapped by "
	      "entry 'u 0 0 10'");
	makes("u:0:7:1;u:5:7:1", &map,
	      "idmap: invalid map entry 'u 5 7 1': host uid 7 is also mapped by entry "
	      "'u 0 7 1'");
	makes("u:0:100005:1", &map,
	      "idmap: 'u:0:100005:1' gives two ids the same id on disk");
}

TEST("an entry that is none is named")
{
	static const char *const bad[] = { "x:0:0:1",  "u:0:0",    "u:0:0:0", "u:0:0:1:2",
					   "u:0:0:1;", "u:-1:0:1", "" };
	struct idmap map, out;
	struct error err;

	idmap_default(&map);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(mount_idmap(bad[i], &map, &out, &err) < 0);
		EXPECT(slice_starts(slice(err.text), "idmap: invalid entry '"));
	}
}

TEST("more ranges than a map can have are refused")
{
	auto_strbuf struct strbuf list = STRBUF_INIT;
	struct idmap map, out;
	struct error err;

	idmap_default(&map);
	for (int i = 0; i < 40; i++)
		strbuf_addf(&list, "%su:%d:%d:1", i ? ";" : "", i * 2, i);
	EXPECT(mount_idmap(list.at, &map, &out, &err) < 0);
	EXPECT_TEXT(err.text, "idmap: more than 64 ranges");
}
