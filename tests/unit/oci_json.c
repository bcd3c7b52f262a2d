/* The documents of images, good and bad; and texts on their way between processes. */
#include <string.h>

#include "base/own.h"
#include "template/ocijson.h"
#include "template/whiteout.h"

#include "test.h"

#define TYPE "application/vnd.oci.image."
#define A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define MANIFEST(digest, more)                                                          \
	"{\"mediaType\":\"" TYPE "manifest.v1+json\",\"digest\":\"sha256:" digest "\"," \
	"\"size\":7" more "}"
#define ARCH(name)       ",\"platform\":{\"architecture\":\"" name "\",\"os\":\"linux\"}"
#define INDEX(manifests) "{\"manifests\":[" manifests "]}"

/* The digest that is chosen for amd64; "" when the index is refused. */
static const char *chosen(const char *text, struct error *err)
{
	static struct descriptor out;

	out = (struct descriptor){ 0 };
	if (oci_read_index(slice(text), "amd64", &out, err) == 0)
		EXPECT_INT(out.size, 7);
	return out.digest;
}

TEST("of an index the manifest for this architecture is taken, else one that does not say")
{
	struct error err;

	EXPECT_TEXT(chosen(INDEX(MANIFEST(A, ARCH("arm64")) "," MANIFEST(
				   B, "") "," MANIFEST(C, ARCH("amd64"))),
			   &err),
		    C);
	EXPECT_TEXT(chosen(INDEX(MANIFEST(A, ARCH("arm64")) "," MANIFEST(
				   B, "") "," MANIFEST(C, "")),
			   &err),
		    B);
	EXPECT_TEXT(chosen(INDEX(MANIFEST(A, ARCH("arm64")) "," MANIFEST(B, ARCH("s390x"))),
			   &err),
		    A);
	EXPECT_TEXT(oci_architecture("x86_64"), "amd64");
	EXPECT_TEXT(oci_architecture("aarch64"), "arm64");
	EXPECT_TEXT(oci_architecture("pdp11"), "");
}

TEST("indexes inside the index are not followed, and none of a known type is an error")
{
	struct error err;

	EXPECT_TEXT(chosen(INDEX("{\"mediaType\":\"" TYPE "index.v1+json\",\"digest\":"
				 "\"sha256:" A "\",\"size\":7}"),
			   &err),
		    "");
	EXPECT_TEXT(err.text, "unsupported architecture: index.json names no manifest of "
			      "type 'application/vnd.oci.image.manifest.v1+json'");
	EXPECT_TEXT(chosen("{}", &err), "");
	EXPECT_TEXT(chosen("{\"manifests\":{\"a\":1}}", &err), "");
	EXPECT_TEXT(chosen("[]", &err), "");
	EXPECT_TEXT(err.text, "index.json: this is no JSON object");
	EXPECT_TEXT(chosen("", &err), "");
	EXPECT_TEXT(chosen("{\"manifests\":[1,null,\"x\"]}", &err), "");
}

static void expect_descriptor_refusal(const char *digest, const char *size,
				      const char *message)
{
	auto_free char *text =
		xasprintf("{\"manifests\":[{\"mediaType\":\"" TYPE "manifest.v1+json\","
			  "\"digest\":\"%s\",\"size\":%s}]}",
			  digest, size);
	struct error err;

	EXPECT_TEXT(chosen(text, &err), "");
	EXPECT_TEXT(err.text, message);
}

TEST("digests and sizes that are none are refused")
{
	expect_descriptor_refusal("sha512:" A, "7",
				  "index.json: digest 'sha512:" A
				  "' is not one of SHA-256");
	expect_descriptor_refusal("sha256:../../../etc/passwd", "7",
				  "index.json: digest 'sha256:../../../etc/passwd' is "
				  "malformed");
	expect_descriptor_refusal("sha256:" A "0", "7",
				  "index.json: digest 'sha256:" A "0' is malformed");
	expect_descriptor_refusal("sha256:A", "7",
				  "index.json: digest 'sha256:A' is malformed");
	expect_descriptor_refusal("sha256:" A, "-1",
				  "index.json: blob sha256:" A " has no size");
	expect_descriptor_refusal("sha256:" A, "1e30",
				  "index.json: blob sha256:" A " has no size");
	expect_descriptor_refusal("sha256:" A, "\"7\"",
				  "index.json: blob sha256:" A " has no size");
}

#define CONFIG \
	"{\"mediaType\":\"" TYPE "config.v1+json\",\"digest\":\"sha256:" A "\",\"size\":1}"
#define LAYER(type) "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" B "\",\"size\":2}"

TEST("the six types of layers are taken, others are passed over")
{
	static const char text[] =
		"{\"config\":" CONFIG
		",\"layers\":[" LAYER(TYPE "layer.v1.tar") "," LAYER(TYPE "layer.v1.tar+gzip") "," LAYER(TYPE "layer.v1.tar+zstd") "," LAYER(TYPE "layer.nondistributable.v1.tar") "," LAYER(
			TYPE
			"layer.nondistributable.v1.tar+gzip") "," LAYER(TYPE
									"layer.nondistributable.v1.tar+zstd") "," LAYER(TYPE
															"layer.v1.tar+bzip2") "," LAYER("x") ",7]}";
	static const enum compression want[] = { COMPRESSION_NONE, COMPRESSION_GZIP,
						 COMPRESSION_ZSTD };
	auto_manifest struct manifest manifest = { 0 };
	struct error err = { 0 };

	EXPECT_INT(oci_read_manifest(slice(text), &manifest, &err), 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_INT(manifest.count, 6);
	for (size_t i = 0; i < manifest.count; i++)
		EXPECT_INT(manifest.layers[i].compression, want[i % 3]);
	EXPECT_TEXT(manifest.config.digest, A);
	EXPECT_TEXT(manifest.layers[0].blob.digest, B);
}

TEST("a configuration of another type is refused, and so are too many layers")
{
	auto_manifest struct manifest manifest = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	EXPECT(oci_read_manifest(slice("{\"config\":" LAYER("text/plain") "}"), &manifest,
				 &err) < 0);
	EXPECT_TEXT(err.text, "manifest: config has the wrong media type 'text/plain'");
	strbuf_adds(&text,
		    "{\"config\":" CONFIG ",\"layers\":[" LAYER(TYPE "layer.v1.tar"));
	for (int i = 0; i < LAYERS_MAX; i++)
		strbuf_adds(&text, "," LAYER(TYPE "layer.v1.tar"));
	strbuf_adds(&text, "]}");
	EXPECT(oci_read_manifest(strbuf_slice(&text), &manifest, &err) < 0);
	EXPECT_TEXT(err.text, "manifest: the image has more than 1024 layers");
	EXPECT_INT(manifest.count, 0);
}

#define ROOTFS "\"rootfs\":{\"diff_ids\":[\"sha256:" A "\",\"sha256:" B "\"]}"

static int read_config(const char *config, struct image *image, struct error *err)
{
	auto_free char *text = xasprintf("{\"config\":%s," ROOTFS "}", config);
	auto_diff_ids struct diff_ids ids = { 0 };

	*err = (struct error){ 0 };
	if (oci_read_config(slice(text), image, &ids, err) < 0)
		return -1;
	EXPECT_INT(ids.count, 2);
	EXPECT_TEXT(ids.at[1], B);
	return 0;
}

TEST("what is absent, null or empty is nothing")
{
	static const char *const configs[] = {
		"null",
		"{}",
		"{\"Entrypoint\":null,\"Cmd\":[],\"Env\":null,\"User\":\"\","
		"\"WorkingDir\":\"\",\"StopSignal\":null,\"Volumes\":{}}",
	};

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		auto_image struct image image = { 0 };
		struct error err;

		EXPECT_INT(read_config(configs[i], &image, &err), 0);
		EXPECT(!image.command && !image.env && !image.volumes && !image.user &&
		       !image.dir && !image.signal);
	}
}

TEST("texts of the wrong kind, and texts without end, are refused by their names")
{
	static const char *const rows[][2] = {
		{ "{\"Entrypoint\":\"sh\"}", "Entrypoint is not a list" },
		{ "{\"Cmd\":[7]}", "Cmd is not a list of texts" },
		{ "{\"Env\":{\"A\":\"1\"}}", "Env is not a list" },
		{ "{\"User\":1000}", "User is not a text" },
		{ "{\"Volumes\":[\"/a\"]}", "Volumes is not an object" },
		{ "{\"User\":\"a\\u0000b\"}", NULL },
		{ "{\"User\":\"\\ud800\"}", NULL },
		{ "{\"User\":\"\xff\"}", NULL },
		{ "{\"User\":\"\\n\"}", "User: '\\x0a' has a control character" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_free char *want =
			xasprintf("image configuration: %s", rows[i][1] ? rows[i][1] : "");
		auto_image struct image image = { 0 };
		struct error err;

		EXPECT(read_config(rows[i][0], &image, &err) < 0);
		if (rows[i][1])
			EXPECT_TEXT(err.text, want);
		EXPECT(!image.user && !image.command);
	}
}

TEST("an image without layers is refused")
{
	auto_diff_ids struct diff_ids ids = { 0 };
	auto_image struct image image = { 0 };
	struct error err;

	EXPECT(oci_read_config(slice("{\"config\":{\"User\":\"x\"}}"), &image, &ids, &err) <
	       0);
	EXPECT_TEXT(err.text, "image configuration: rootfs has no diff_ids");
	EXPECT(!image.user);
	EXPECT(oci_read_config(slice("{\"rootfs\":{\"diff_ids\":[7]}}"), &image, &ids,
			       &err) < 0);
	EXPECT_TEXT(err.text,
		    "image configuration: diff_ids: digest '' is not one of SHA-256");
}

TEST("what an image says arrives as it was sent")
{
	auto_image struct image image = { 0 }, got = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
	struct error err = { 0 };

	EXPECT_INT(read_config("{\"Entrypoint\":[\"a=b\",\"\"],\"Cmd\":[\"tab\\there\"],"
			       "\"Env\":[\"A==\"],\"User\":\"ü:x\",\"WorkingDir\":\"/\","
			       "\"StopSignal\":\"9\",\"Volumes\":{\"/v\":{}}}",
			       &image, &err),
		   0);
	image_format(&image, &text);
	EXPECT_INT(text.len, image.size);
	EXPECT_INT(image_parse(strbuf_slice(&text), &got, &err), 0);
	image_format(&got, &again);
	EXPECT(again.len == text.len && memcmp(again.at, text.at, text.len) == 0);
	EXPECT_TEXT(got.command[0], "a=b");
	EXPECT_TEXT(got.command[1], "");
	EXPECT_TEXT(got.command[2], "tab\there");
	EXPECT_TEXT(got.user, "ü:x");
}

TEST("a report that is not of that form, or holds what an image may not, is refused")
{
	static const char bad[][16] = { "user=x", "other=x\0",   "user\0",
					"=\0",    "user=a\nb\0", "\0" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = strlen(bad[i]) + (i != 0);
		auto_image struct image image = { 0 };
		struct error err;

		EXPECT(image_parse(slice_of(bad[i], len), &image, &err) < 0);
		EXPECT(!image.user);
	}
}

TEST("a text that comes again replaces the one before, also in what it counts")
{
	static const char report[] = "user=first\0user=b\0dir=/\0dir=\0";
	auto_image struct image image = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err = { 0 };

	EXPECT_INT(image_parse(slice_of(report, sizeof(report) - 1), &image, &err), 0);
	image_format(&image, &text);
	EXPECT_TEXT(text.at, "user=b");
	EXPECT_INT(text.len, 7);
	EXPECT_INT(image.size, 7);
}

TEST("all texts together have a limit")
{
	auto_free char *half = xcalloc(1, IMAGE_TEXT_MAX / 2);
	auto_image struct image image = { 0 };
	struct error err;

	memset(half, 'x', IMAGE_TEXT_MAX / 2 - 1);
	EXPECT_INT(image_add(&image, "env", half, &err), 0);
	EXPECT(image_add(&image, "env", half, &err) < 0);
	EXPECT_TEXT(err.text, "the texts have more than 262144 bytes");
}

TEST("a name is a whiteout by its last part alone")
{
	static const struct {
		const char *name;
		enum whiteout_kind kind;
		const char *target;
	} rows[] = {
		{ "a/.wh.b", WHITEOUT_ENTRY, "a/b" },
		{ ".wh.b", WHITEOUT_ENTRY, "b" },
		{ "a/.wh..wh.b", WHITEOUT_ENTRY, "a/.wh.b" },
		{ "a/.wh...b", WHITEOUT_ENTRY, "a/..b" },
		{ "a/b/.wh..", WHITEOUT_ENTRY, "a/b" },
		{ ".wh..", WHITEOUT_VOID, NULL },
		{ "a/.wh...", WHITEOUT_VOID, NULL },
		{ "a/.wh.", WHITEOUT_VOID, NULL },
		{ "a/.wh..wh..opq", WHITEOUT_INSIDE, "a" },
		{ ".wh..wh..opq", WHITEOUT_INSIDE, "" },
		{ ".wh.a/b", WHITEOUT_NONE, NULL },
		{ "a/.whb", WHITEOUT_NONE, NULL },
		{ "a/x.wh.b", WHITEOUT_NONE, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct whiteout whiteout = { 0 };
		struct member_name name;
		struct error err;

		EXPECT_INT(member_name_parse(rows[i].name, &name, &err), 0);
		whiteout_parse(&name, &whiteout);
		EXPECT_INT(whiteout.kind, rows[i].kind);
		if (rows[i].target) {
			EXPECT_TEXT(whiteout.name.text, rows[i].target);
			EXPECT_INT(whiteout.name.len, strlen(rows[i].target));
		}
	}
}
