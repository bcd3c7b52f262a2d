/* Images that lie or attack, as the real pct-unpack meets them. */
#include <sys/mount.h>

#include "base/tree.h"
#include "template/blobs.h"
#include "template/ocijson.h"

#include "ociimage.h"

static const struct tar_member one_file[] = { { .name = "a", .mode = 0644, .data = "a" },
					      { 0 } };

/* The image is refused with a reason that has this in it, and nothing outside changes. */
static void expect_refusal(struct oci_image *image, const char *message)
{
	EXPECT_INT(oci_unpack_raw(image), -1);
	if (!strstr(image->u.err.text, message))
		EXPECT_TEXT(image->u.err.text, message);
	EXPECT(canary_lives(&image->u));
	EXPECT(!image->said.command && !image->said.user);
}

/* Change a byte behind the first place that has this text. */
static void spoil(struct strbuf *tar, const char *what, size_t offset)
{
	char *at = memmem(tar->at, tar->len, what, strlen(what));

	EXPECT(at != NULL);
	if (at)
		at[offset] ^= 1;
}

TEST("a blob whose bytes have changed is refused: manifest, configuration, layer")
{
	static const char *const marks[][2] = {
		{ "schemaVersion\":2,\"config", "blob sha256:" },
		{ "{\"config\":{\"User\":\"x\"", "blob sha256:" },
		{ "layer data", "layer sha256:" },
	};
	static const struct tar_member file[] = {
		{ .name = "a", .mode = 0644, .data = "layer data" }, { 0 }
	};

	for (size_t i = 0; i < 3 && can_unpack(); i++) {
		auto_free char *name = xasprintf("spoilt%zu", i);
		auto_oci struct oci_image image = { 0 };

		oci_init(&image, name, false);
		oci_layer(&image, file, PACKED_NOT);
		oci_finish(&image, "{\"User\":\"x\"}");
		tar_end(&image.u.tar);
		spoil(&image.u.tar, marks[i][0], i == 2 ? 3 : strlen(marks[i][0]) - 2);
		expect_refusal(&image, marks[i][1]);
		EXPECT(strstr(image.u.err.text, "has the digest sha256:") != NULL);
		EXPECT(!is_there(&image.u, "a"));
	}
}

static void swap_digits(char *at)
{
	at[0] = at[0] == '0' ? '1' : '0';
}

TEST("a layer that unpacks to something else than its diff id is refused")
{
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "diff", false);
	oci_layer(&image, one_file, PACKED_GZIP);
	swap_digits(image.diff_ids.at + strlen("\"sha256:"));
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image, "no layer of the image has the diff id sha256:");
	EXPECT(!is_there(&image.u, "a"));
}

TEST("blobs that are missing or have another size are refused by name")
{
	auto_oci struct oci_image image = { 0 }, other = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "missing", false);
	oci_layer(&image, one_file, PACKED_NOT);
	strbuf_cut(&image.u.tar, 0);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image, "layer sha256:");
	EXPECT(strstr(image.u.err.text, " is missing") != NULL);
	oci_init(&other, "size", false);
	oci_layer(&other, one_file, PACKED_NOT);
	spoil(&other.layers, "\"size\":", strlen("\"size\":"));
	oci_finish(&other, "{}");
	tar_end(&other.u.tar);
	expect_refusal(&other, " bytes instead of ");
}

TEST("links of lower layers lead upper ones nowhere outside, nor do '..' and '/'")
{
	static const struct tar_member lower[] = {
		{ .name = "up", .type = '2', .link = "../canary" },
		{ .name = "abs", .type = '2', .link = "/../../canary" },
		{ .name = "proc", .type = '2', .link = "/proc/1/root/tmp" },
		{ .name = "fd", .type = '2', .link = "/proc/self/fd/3" },
		{ .name = "canary/", .type = '5', .mode = 0755 },
		{ .name = "canary/file", .mode = 0644, .data = "inside" },
		{ 0 }
	};
	static const struct tar_member upper[] = {
		{ .name = "abs/.wh.file", .mode = 0644 },
		{ .name = "up/.wh..wh..opq", .mode = 0644 },
		{ .name = "proc/.wh..wh..opq", .mode = 0644 },
		{ .name = "fd/.wh.x", .mode = 0644 },
		{ .name = "up/.wh..", .mode = 0644 },
		{ .name = "../canary/.wh.file", .mode = 0644 },
		{ .name = "../canary/file", .mode = 0644, .data = "x" },
		{ .name = "a/../../canary/file", .mode = 0644, .data = "x" },
		{ .name = "/absolute", .mode = 0644, .data = "x" },
		{ .name = "abs/new", .mode = 0644, .data = "x" },
		{ 0 }
	};

	for (int privileged = 0; privileged < 2 && can_unpack(); privileged++) {
		auto_oci struct oci_image image = { 0 };

		oci_init(&image, privileged ? "links-p" : "links", privileged);
		oci_layer(&image, lower, PACKED_NOT);
		oci_layer(&image, upper, PACKED_NOT);
		EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
		EXPECT_TEXT(image.u.err.text, "");
		EXPECT(canary_lives(&image.u));
		EXPECT(text_is(&image.u, "absolute", "x"));
		EXPECT(text_is(&image.u, "canary/new", "x"));
		EXPECT(!is_there(&image.u, "canary/file"));
		EXPECT(!is_there(&image.u, "up"));
	}
}

TEST("a layer cannot write through a link to a place that is not there")
{
	static const struct tar_member members[] = {
		{ .name = "out", .type = '2', .link = "../canary" },
		{ .name = "out/file", .mode = 0644, .data = "x" },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "through", true);
	oci_layer(&image, members, PACKED_NOT);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image, "member 'out/file': cannot open directory 'out'");
}

static void fill_mount(const struct oci_image *image, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", image->u.root, name);
	auto_free char *file = xasprintf("%s/old", path);
	struct error err;

	EXPECT(mkdir(path, 0777) == 0 &&
	       mount("none", path, "tmpfs", 0, "mode=0777") == 0 &&
	       save_path(file, slice("old"), 0666, &err) == 0 && chmod(file, 0666) == 0);
}

TEST("what is mounted and had contents before loses nothing, what is new is the image's")
{
	static const struct tar_member lower[] = {
		{ .name = "kept/a", .mode = 0644, .data = "a" },
		{ .name = "mine/a", .mode = 0644, .data = "a" },
		{ 0 }
	};
	static const struct tar_member upper[] = {
		{ .name = "kept/old", .mode = 0644, .data = "new" },
		{ .name = "kept/.wh.a", .mode = 0644 },
		{ .name = "kept/.wh..wh..opq", .mode = 0644 },
		{ .name = "mine/old", .mode = 0644, .data = "new" },
		{ .name = "mine/.wh.a", .mode = 0644 },
		{ 0 }
	};
	char *kept[] = { (char *)"/kept", NULL };

	for (int privileged = 0; privileged < 2 && can_unpack(); privileged++) {
		auto_oci struct oci_image image = { 0 };
		auto_free char *one = NULL, *two = NULL;

		oci_init(&image, privileged ? "kept-p" : "kept", privileged);
		image.kept = kept;
		one = xasprintf("%s/kept", image.u.root);
		two = xasprintf("%s/mine", image.u.root);
		fill_mount(&image, "kept");
		fill_mount(&image, "mine");
		oci_layer(&image, lower, PACKED_NOT);
		oci_layer(&image, upper, PACKED_NOT);
		EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
		EXPECT(text_is(&image.u, "kept/old", "old"));
		EXPECT(text_is(&image.u, "kept/a", "a"));
		EXPECT(text_is(&image.u, "mine/old", "new"));
		EXPECT(!is_there(&image.u, "mine/a"));
		umount2(one, MNT_DETACH);
		umount2(two, MNT_DETACH);
	}
}

TEST("a full file system is an error that says so")
{
	auto_strbuf struct strbuf data = STRBUF_INIT;
	auto_oci struct oci_image image = { 0 };
	struct tar_member members[] = { { .name = "big", .mode = 0644 }, { 0 } };

	if (!can_unpack())
		return;
	oci_init(&image, "full", true);
	for (int i = 0; i < 40000; i++)
		strbuf_adds(&data, "twelve bytes");
	members[0].data = data.at;
	EXPECT_INT(mount("none", image.u.root, "tmpfs", 0, "size=100k"), 0);
	oci_layer(&image, members, PACKED_GZIP);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image, "member 'big': cannot write: No space left on device");
	umount2(image.u.root, MNT_DETACH);
}

/* As create does: what is not known to be an image is unpacked as any archive. */
static int unpack_as_create(struct oci_image *image, const char *path)
{
	int is_image = oci_unpack_file(image, path);

	return is_image == 0 ? unpack_file(&image->u, path) : is_image;
}

TEST("an image that is cut off anywhere is refused as damaged")
{
	auto_oci struct oci_image image = { 0 };
	size_t last;

	if (!can_unpack())
		return;
	oci_init(&image, "cut", false);
	oci_layer(&image, one_file, PACKED_GZIP);
	oci_finish(&image, "{}");
	last = image.u.tar.len - 2 * TAR_BLOCK; /* where the last member begins */
	for (size_t len = 100; len <= last; len += 700) {
		auto_free char *path = xasprintf("%s/c.tar", image.u.dir);
		struct strbuf part = { .at = image.u.tar.at, .len = len };

		tar_save(&part, path);
		EXPECT_INT(unpack_as_create(&image, path), -1);
		EXPECT(strstr(image.u.err.text, "damaged") != NULL);
		EXPECT(!is_there(&image.u, "a"));
	}
}

TEST("a layer that is no tar archive, or that ends early inside its packing, is refused")
{
	static const char garbage[2048] = "this is no archive";
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "garbage", false);
	oci_layer_bytes(&image, slice_of(garbage, sizeof(garbage)), PACKED_ZSTD);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image, "archive is damaged or truncated");
}

TEST("owners outside the id map are an error that names the member")
{
	static const struct tar_member members[] = {
		{ .name = "a", .mode = 0644, .uid = 65536, .data = "x" }, { 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "owner", false);
	oci_layer(&image, members, PACKED_NOT);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	expect_refusal(&image,
		       "member 'a': owner 65536:0 is outside the container's id map");
}

TEST("with --ignore-unpack-errors a member's error is told, but never a wrong digest")
{
	static const struct tar_member members[] = {
		{ .name = "a", .mode = 0644, .uid = 65536, .data = "x" },
		{ .name = "b", .mode = 0644, .data = "layer data" },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 }, spoilt = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "ignored", false);
	image.u.flags = UNPACK_IGNORE_ERRORS;
	oci_layer(&image, members, PACKED_NOT);
	EXPECT_INT(oci_unpack_all(&image, "{\"User\":\"7\"}"), 1);
	EXPECT(text_is(&image.u, "b", "layer data"));
	EXPECT_INT(image.u.notes.count, 1);
	EXPECT_TEXT(image.said.user, "7");
	oci_init(&spoilt, "not-ignored", false);
	spoilt.u.flags = UNPACK_IGNORE_ERRORS;
	oci_layer(&spoilt, members, PACKED_NOT);
	oci_finish(&spoilt, "{}");
	tar_end(&spoilt.u.tar);
	spoil(&spoilt.u.tar, "layer data", 3);
	expect_refusal(&spoilt, "has the digest sha256:");
}

TEST("control characters in any text of the image are refused, and not printed")
{
	static const char *const configs[] = {
		"{\"User\":\"a\\nlxc.hook: x\"}", "{\"WorkingDir\":\"/a\\rb\"}",
		"{\"StopSignal\":\"\\u0007\"}",   "{\"Env\":[\"A=\\u001b[2J\"]}",
		"{\"Entrypoint\":[\"/a\\nb\"]}",  "{\"Cmd\":[\"\\u007f\"]}",
		"{\"Volumes\":{\"/a\\nb\":{}}}",  "{\"Env\":[\"A=\\u0085\"]}",
	};

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]) && can_unpack(); i++) {
		auto_free char *name = xasprintf("control%zu", i);
		auto_oci struct oci_image image = { 0 };

		oci_init(&image, name, false);
		oci_layer(&image, one_file, PACKED_NOT);
		oci_finish(&image, configs[i]);
		tar_end(&image.u.tar);
		expect_refusal(&image, "has a control character");
		for (const char *c = image.u.err.text; *c; c++)
			EXPECT(*c >= ' ' && *c < 0x7f);
	}
}

TEST("a document of more than 4 MiB, or nested a million deep, is refused")
{
	auto_oci struct oci_image image = { 0 }, deep = { 0 };
	auto_strbuf struct strbuf config = STRBUF_INIT, bomb = STRBUF_INIT;

	if (!can_unpack())
		return;
	strbuf_adds(&config, "{\"Labels\":{\"x\":\"");
	while (config.len < BLOB_TEXT_MAX)
		strbuf_adds(&config, "0123456789012345678901234567890123456789");
	strbuf_adds(&config, "\"}}");
	oci_init(&image, "long", false);
	oci_layer(&image, one_file, PACKED_NOT);
	oci_finish(&image, config.at);
	tar_end(&image.u.tar);
	expect_refusal(&image, "bytes, more than 4194304");

	for (int i = 0; i < 1000000; i++)
		strbuf_addc(&bomb, '[');
	oci_init(&deep, "deep", false);
	oci_layer(&deep, one_file, PACKED_NOT);
	oci_finish(&deep, bomb.at);
	tar_end(&deep.u.tar);
	expect_refusal(&deep, "image configuration: line 1: maximum parsing depth");
}

TEST("more blobs than any image has are refused, with little memory")
{
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "blobs", false);
	for (unsigned i = 0; i <= BLOBS_MAX; i++) {
		char name[100];

		snprintf(name, sizeof(name), "blobs/sha256/%064x", i);
		oci_member(&image.u.tar, name, slice(""));
	}
	expect_refusal(&image, "the image has more than 65536 blobs");
}

TEST("what 'docker save' wrote of old is refused in so many words")
{
	static const struct tar_member members[] = {
		{ .name = "0123456789ab/layer.tar", .mode = 0644, .data = "x" },
		{ .name = "manifest.json", .mode = 0644, .data = "[]" },
		{ .name = "repositories", .mode = 0644, .data = "{}" },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "docker", false);
	for (const struct tar_member *member = members; member->name; member++)
		tar_add(&image.u.tar, member);
	tar_end(&image.u.tar);
	expect_refusal(&image, "an image in Docker's own form, without 'index.json'");
}

TEST("a FIFO or a link to the host at the source of random numbers is never opened")
{
	static const struct tar_member lower[] = {
		{ .name = "dev/", .type = '5', .mode = 0755 },
		{ .name = "dev/urandom", .type = '6', .mode = 0666 },
		{ .name = "etc/", .type = '5', .mode = 0755 },
		{ .name = "etc/localtime", .type = '6', .mode = 0666 },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "urandom", false);
	oci_layer(&image, lower, PACKED_NOT);
	oci_layer(&image, one_file, PACKED_GZIP);
	oci_finish(&image, "{}");
	tar_end(&image.u.tar);
	EXPECT_INT(oci_unpack_raw(&image), 1);
	/* Once more, with the FIFOs in place from the start. */
	EXPECT_INT(oci_unpack_raw(&image), 1);
	EXPECT(text_is(&image.u, "a", "a"));
}
