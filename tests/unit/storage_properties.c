#include "storage/properties.h"

#include <string.h>

#include "base/own.h"
#include "storage/type.h"
#include "test.h"

TEST("every property has a help text, a type that may have it, and a name of its own")
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		EXPECT(row->prop.help && row->prop.help[strlen(row->prop.help) - 1] == '.');
		EXPECT(row->types != 0);
		EXPECT((row->required & ~row->types) == 0);
		EXPECT(row[1].prop.name == NULL ||
		       strcmp(row->prop.name, row[1].prop.name) < 0);
	}
}

TEST("every default passes its own check")
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		auto_problems struct problems problems = { 0 };

		if (row->prop.fallback)
			EXPECT(prop_check(&row->prop, row->prop.name,
					  slice(row->prop.fallback), &problems, NULL) == 0);
	}
}

TEST("a property is found for the types that may have it only")
{
	EXPECT(storage_prop_find(KIND_DIR, slice("path")) != NULL);
	EXPECT(storage_prop_find(KIND_LVM, slice("path")) == NULL);
	EXPECT(storage_prop_find(KIND_LVM, slice("vgname")) != NULL);
	EXPECT(storage_prop_find(KIND_DIR, slice("pat")) == NULL);
	EXPECT(storage_prop_find(KIND_FOREIGN, slice("path")) == NULL);
}

TEST("a path loses double slashes and the one at its end")
{
	auto_free char *plain = path_normalise(slice("/a//b///c/"));
	auto_free char *root = path_normalise(slice("///"));

	EXPECT_TEXT(plain, "/a/b/c");
	EXPECT_TEXT(root, "/");
}

TEST("content types are named as in storage.cfg, and types found by exact name")
{
	EXPECT_INT(content_parse(slice("rootdir")), CONTENT_ROOTDIR);
	EXPECT_INT(content_parse(slice("none")), 0);
	EXPECT_TEXT(content_name(CONTENT_VZTMPL), "vztmpl");
	EXPECT_INT(content_list(slice("iso, images;backup")),
		   CONTENT_ISO | CONTENT_IMAGES | CONTENT_BACKUP);
	EXPECT(storage_type_find("dir") == &storage_dir);
	EXPECT(storage_type_find("di") == NULL);
	EXPECT(!storage_type_is_usable(storage_type_find("rbd")));
}
