#include "config/volid.h"

#include "test.h"

TEST("a volume id is cut at its first colon")
{
	struct slice storage, name;
	struct error err;

	EXPECT(volid_parse(slice("local:iso/a:b"), &storage, &name, &err) == 0);
	EXPECT(slice_is(storage, "local"));
	EXPECT(slice_is(name, "iso/a:b"));
}

TEST("what is no volume id is refused by name")
{
	static const char *const bad[] = {
		"garbage", "local:", ":x", "l:x",  "9a:x",
		"a-:x",    "a b:x",  "",   "/x:y", "local:a\nb"
	};
	struct slice storage, name;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(volid_parse(slice(bad[i]), &storage, &name, &err) < 0);
	EXPECT(volid_parse(slice("garbage"), &storage, &name, &err) < 0);
	EXPECT_TEXT(err.text, "unable to parse volume ID 'garbage'");
}

TEST("storage ids start with a letter and end with a letter or digit")
{
	EXPECT(storage_id_is_valid(slice("local")));
	EXPECT(storage_id_is_valid(slice("Local-zfs_1.a")));
	EXPECT(storage_id_is_valid(slice("a1")));
	EXPECT(!storage_id_is_valid(slice("a")));
	EXPECT(!storage_id_is_valid(slice("1a")));
	EXPECT(!storage_id_is_valid(slice("a.")));
	EXPECT(!storage_id_is_valid(slice("a/b")));
	EXPECT(!storage_id_is_valid(slice("")));
}

TEST("the kind of a volume is told by its start")
{
	EXPECT_INT(volume_kind(slice("/dev/sda1")), VOLUME_DEVICE);
	EXPECT_INT(volume_kind(slice("/devel")), VOLUME_BIND);
	EXPECT_INT(volume_kind(slice("/mnt/data")), VOLUME_BIND);
	EXPECT_INT(volume_kind(slice("local:100/x.raw")), VOLUME_STORAGE);
}

static void expect_new(const char *text, const char *want_storage, uint64_t want_kib)
{
	struct slice storage;
	uint64_t kib = 1;

	EXPECT(volume_is_new(slice(text), "local", &storage, &kib));
	EXPECT(slice_is(storage, want_storage));
	EXPECT_INT(kib, want_kib);
}

TEST("a size in GiB asks for a new volume of whole MiB")
{
	expect_new("local:8", "local", 8 << 20);
	expect_new("tank:0.5", "tank", 512 << 10);
	expect_new("tank:0.0019", "tank", 1 << 10);
	expect_new("tank:0.0009", "tank", 0);
	expect_new("tank:0", "tank", 0);
	expect_new("4", "local", 4 << 20);
}

TEST("an existing volume, a path or an endless size is no new volume")
{
	static const char *const others[] = { "local:100/x.raw",
					      "/mnt",
					      "local:",
					      "local:8G",
					      "local",
					      "local:-1",
					      "local:9999999999999999999",
					      "x:1" };
	struct slice storage;
	uint64_t kib;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		EXPECT(!volume_is_new(slice(others[i]), "local", &storage, &kib));
	EXPECT(!volume_is_new(slice("8"), NULL, &storage, &kib));
}
