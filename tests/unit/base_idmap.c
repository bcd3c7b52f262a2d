#include <string.h>

#include "base/idmap.h"
#include "test.h"

TEST("the default map shifts 65536 ids by 100000 and leaves others alone")
{
	struct idmap map;

	idmap_default(&map);
	EXPECT_INT(idmap_root(&map, 'u'), 100000);
	EXPECT_INT(idmap_to_host(&map, 'g', 65535), 165535);
	EXPECT_INT(idmap_to_host(&map, 'u', 65536), 65536);
	EXPECT(idmap_has_root(&map));
	EXPECT(idmap_has(&map, 'u', 65535) && !idmap_has(&map, 'u', 65536));
	EXPECT(idmap_has(&(struct idmap){ .count = 0 }, 'g', 65536));
}

TEST("an entry that is no map entry is refused and quoted")
{
	static const char *const bad[] = {
		"",          "u 0 100000", "x 0 1 1",          "u 0 1 0",
		"u 0 1 2 3", "u -1 1 1",   "u 0 1 4294967297", "u 4294967295 1 2"
	};
	struct idmap map = { 0 };
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_INT(idmap_add(&map, slice(bad[i]), &err), -1);
		EXPECT(strstr(err.text, "failed to parse idmap: ") == err.text);
	}
	EXPECT_INT(map.count, 0);
}

TEST("overlapping entries are told with both entries, on the side where they overlap")
{
	struct idmap map = { 0 };
	auto_notes struct notes notes = { 0 };
	struct error err;

	EXPECT_INT(idmap_add(&map, slice("u 0 100000 65536"), &err), 0);
	EXPECT_INT(idmap_add(&map, slice("u 5 200000 2"), &err), 0);
	EXPECT_INT(idmap_add(&map, slice("g 0 100000 65536"), &err), 0);
	idmap_check(&map, &notes);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(notes.text[0],
		    "invalid map entry 'u 5 200000 2': container uid 5 is also "
		    "mapped by entry 'u 0 100000 65536'");
}

TEST("the kernel's lines hold the entries of one type")
{
	struct idmap map;
	auto_strbuf struct strbuf text = STRBUF_INIT;

	idmap_default(&map);
	idmap_format(&map, 'u', &text);
	EXPECT_TEXT(text.at, "0 100000 65536\n");
}
