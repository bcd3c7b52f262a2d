/* Images as the real pct-unpack unpacks them: what layers do to each other. */
#include "ociimage.h"

#define FILE_OF(path, text)                                  \
	{                                                    \
		.name = (path), .mode = 0644, .data = (text) \
	}
#define DIR_OF(path)                                      \
	{                                                 \
		.name = (path), .type = '5', .mode = 0755 \
	}
#define LINK_OF(path, to)                                 \
	{                                                 \
		.name = (path), .type = '2', .link = (to) \
	}
#define GONE(path)                           \
	{                                    \
		.name = (path), .mode = 0644 \
	}

/* A lower and an upper layer, in both kinds of container. */
static void stack(struct oci_image *image, const char *name, bool privileged,
		  const struct tar_member *lower, const struct tar_member *upper)
{
	oci_init(image, name, privileged);
	oci_layer(image, lower, PACKED_NOT);
	oci_layer(image, upper, PACKED_NOT);
	EXPECT_INT(oci_unpack_all(image, "{}"), 1);
	EXPECT_TEXT(image->u.err.text, "");
	EXPECT(canary_lives(&image->u));
}

TEST("layers are applied in order, packed or not, and later files win")
{
	static const struct tar_member first[] = { DIR_OF("etc/"),
						   FILE_OF("etc/a", "1"),
						   FILE_OF("etc/b", "1"),
						   FILE_OF("etc/c", "1"),
						   { 0 } };
	static const struct tar_member second[] = { FILE_OF("etc/b", "2"),
						    FILE_OF("etc/c", "2"),
						    { 0 } };
	static const struct tar_member third[] = { FILE_OF("etc/c", "3"), { 0 } };
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "order", false);
	oci_layer(&image, first, PACKED_GZIP);
	oci_layer(&image, second, PACKED_ZSTD);
	oci_layer(&image, third, PACKED_NOT);
	EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
	EXPECT_TEXT(image.u.err.text, "");
	EXPECT(text_is(&image.u, "etc/a", "1"));
	EXPECT(text_is(&image.u, "etc/b", "2"));
	EXPECT(text_is(&image.u, "etc/c", "3"));
	EXPECT_INT(look_at(&image.u, "etc/c").st_uid, MAPPED);
}

TEST("a whiteout takes away files, trees and links, but what comes with it stays")
{
	static const struct tar_member lower[] = { DIR_OF("d/"),
						   DIR_OF("d/tree/"),
						   FILE_OF("d/tree/deep", "x"),
						   FILE_OF("d/file", "x"),
						   FILE_OF("d/stays", "x"),
						   FILE_OF("d/new", "old"),
						   LINK_OF("d/link", "stays"),
						   LINK_OF("d/dangling", "nowhere"),
						   { 0 } };
	static const struct tar_member upper[] = { GONE("d/.wh.tree"),
						   GONE("d/.wh.file"),
						   GONE("d/.wh.link"),
						   GONE("d/.wh.dangling"),
						   GONE("d/.wh.never-there"),
						   GONE("no/such/.wh.place"),
						   FILE_OF("d/new", "new"),
						   GONE("d/.wh.new"),
						   { 0 } };

	for (int privileged = 0; privileged < 2 && can_unpack(); privileged++) {
		auto_oci struct oci_image image = { 0 };

		stack(&image, privileged ? "gone-p" : "gone", privileged, lower, upper);
		EXPECT(!is_there(&image.u, "d/tree"));
		EXPECT(!is_there(&image.u, "d/file"));
		EXPECT(!is_there(&image.u, "d/link"));
		EXPECT(!is_there(&image.u, "d/dangling"));
		EXPECT(!is_there(&image.u, "no"));
		EXPECT(!is_there(&image.u, "d/.wh.tree"));
		EXPECT(text_is(&image.u, "d/stays", "x"));
		EXPECT(text_is(&image.u, "d/new", "new"));
	}
}

TEST("an opaque directory loses what was in it, and keeps what its layer brings")
{
	static const struct tar_member lower[] = {
		DIR_OF("d/"),          DIR_OF("d/sub/"),      FILE_OF("d/sub/x", "x"),
		FILE_OF("d/old", "x"), FILE_OF("other", "x"), { 0 }
	};
	static const struct tar_member upper[] = { FILE_OF("d/new", "y"),
						   GONE("d/.wh..wh..opq"),
						   GONE("none/.wh..wh..opq"),
						   { 0 } };
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	stack(&image, "opaque", false, lower, upper);
	EXPECT(!is_there(&image.u, "d/sub"));
	EXPECT(!is_there(&image.u, "d/old"));
	EXPECT(!is_there(&image.u, "none"));
	EXPECT(text_is(&image.u, "d/new", "y"));
	EXPECT(text_is(&image.u, "other", "x"));
}

TEST("whiteouts of '.' take the directory, never the root; of '..' and of nothing nothing")
{
	static const struct tar_member lower[] = { DIR_OF("a/"),
						   DIR_OF("a/b/"),
						   FILE_OF("a/b/x", "x"),
						   FILE_OF("a/y", "y"),
						   { 0 } };
	static const struct tar_member upper[] = {
		GONE("a/b/.wh.."), GONE(".wh.."), GONE("a/.wh..."), GONE("a/.wh."), { 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	stack(&image, "dots", false, lower, upper);
	EXPECT(!is_there(&image.u, "a/b"));
	EXPECT(text_is(&image.u, "a/y", "y"));
	EXPECT(!is_there(&image.u, "a/.wh."));
}

TEST("only regular files are whiteouts, and none of that name is unpacked")
{
	static const struct tar_member lower[] = {
		FILE_OF("a", "a"), FILE_OF("b", "b"), FILE_OF("c", "c"), { 0 }
	};
	static const struct tar_member upper[] = {
		DIR_OF(".wh.a/"),
		LINK_OF(".wh.b", "x"),
		{ .name = ".wh.c", .type = '1', .link = "a" },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	stack(&image, "kinds", false, lower, upper);
	EXPECT(text_is(&image.u, "a", "a"));
	EXPECT(text_is(&image.u, "b", "b"));
	EXPECT(text_is(&image.u, "c", "c"));
	EXPECT(!is_there(&image.u, ".wh.a"));
	EXPECT(!is_there(&image.u, ".wh.b"));
	EXPECT(!is_there(&image.u, ".wh.c"));
}

TEST("a member replaces whatever kind of thing a lower layer has at its place")
{
	static const struct tar_member lower[] = { FILE_OF("file-file", "old"),
						   FILE_OF("file-dir", "old"),
						   DIR_OF("dir-file/"),
						   FILE_OF("dir-file/deep", "old"),
						   DIR_OF("dir-link/"),
						   FILE_OF("dir-link/deep", "old"),
						   LINK_OF("link-file", "keep"),
						   LINK_OF("link-dir", "kept"),
						   DIR_OF("dir-dir/"),
						   FILE_OF("dir-dir/stays", "old"),
						   DIR_OF("kept/"),
						   FILE_OF("kept/in", "in"),
						   FILE_OF("keep", "keep"),
						   { 0 } };
	static const struct tar_member upper[] = {
		FILE_OF("file-file", "new"),
		DIR_OF("file-dir/"),
		FILE_OF("file-dir/in", "new"),
		FILE_OF("dir-file", "new"),
		LINK_OF("dir-link", "kept"),
		FILE_OF("dir-link/through", "new"),
		FILE_OF("link-file", "new"),
		DIR_OF("link-dir/"),
		FILE_OF("link-dir/in", "new"),
		{ .name = "dir-dir/", .type = '5', .mode = 0700, .uid = 7 },
		{ 0 }
	};

	for (int privileged = 0; privileged < 2 && can_unpack(); privileged++) {
		auto_oci struct oci_image image = { 0 };

		stack(&image, privileged ? "kind-p" : "kind", privileged, lower, upper);
		EXPECT(text_is(&image.u, "file-file", "new"));
		EXPECT(text_is(&image.u, "file-dir/in", "new"));
		EXPECT(text_is(&image.u, "dir-file", "new"));
		EXPECT(text_is(&image.u, "kept/through", "new"));
		EXPECT(text_is(&image.u, "link-file", "new"));
		EXPECT(text_is(&image.u, "link-dir/in", "new"));
		EXPECT(text_is(&image.u, "kept/in", "in"));
		EXPECT(text_is(&image.u, "keep", "keep"));
		EXPECT(text_is(&image.u, "dir-dir/stays", "old"));
		EXPECT_INT(look_at(&image.u, "dir-dir").st_mode & 07777, 0700);
		EXPECT_INT(look_at(&image.u, "dir-dir").st_uid,
			   7 + (privileged ? 0 : MAPPED));
	}
}

TEST("hard links reach lower layers, replace what is there, and may name themselves")
{
	static const struct tar_member lower[] = { FILE_OF("a", "a"),
						   FILE_OF("b", "b"),
						   { 0 } };
	static const struct tar_member upper[] = {
		{ .name = "b", .type = '1', .link = "a" },
		{ .name = "a", .type = '1', .link = "b" },
		{ .name = "a", .type = '1', .link = "a" },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	stack(&image, "hard", false, lower, upper);
	EXPECT(text_is(&image.u, "a", "a"));
	EXPECT_INT(look_at(&image.u, "a").st_ino, look_at(&image.u, "b").st_ino);
	EXPECT_INT(look_at(&image.u, "a").st_nlink, 2);
}

TEST("what is below dev is unpacked; devices are made in privileged containers alone")
{
	static const struct tar_member members[] = {
		DIR_OF("dev/"),
		FILE_OF("dev/file", "x"),
		{ .name = "dev/null", .type = '3', .mode = 0666, .major = 1, .minor = 3 },
		{ .name = "pipe", .type = '6', .mode = 0600 },
		{ 0 }
	};

	for (int privileged = 0; privileged < 2 && can_unpack(); privileged++) {
		auto_oci struct oci_image image = { 0 };

		oci_init(&image, privileged ? "dev-p" : "dev", privileged);
		oci_layer(&image, members, PACKED_NOT);
		EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
		EXPECT(text_is(&image.u, "dev/file", "x"));
		EXPECT_INT(look_at(&image.u, "dev/null").st_mode & S_IFMT,
			   privileged ? S_IFCHR : 0);
		EXPECT_INT(look_at(&image.u, "pipe").st_mode & S_IFMT, S_IFIFO);
	}
}

TEST("special bits and closed directories are as the image has them")
{
	static const struct tar_member members[] = {
		{ .name = "closed/", .type = '5', .mode = 0 },
		{ .name = "closed/su", .mode = 04755, .uid = 5, .gid = 6, .data = "x" },
		{ .name = "sticky/", .type = '5', .mode = 01777 },
		{ 0 }
	};
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "bits", false);
	oci_layer(&image, members, PACKED_NOT);
	EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
	EXPECT_INT(look_at(&image.u, "closed").st_mode & 07777, 0);
	EXPECT_INT(look_at(&image.u, "closed/su").st_mode & 07777, 04755);
	EXPECT_INT(look_at(&image.u, "closed/su").st_uid, MAPPED + 5);
	EXPECT_INT(look_at(&image.u, "closed/su").st_gid, MAPPED + 6);
	EXPECT_INT(look_at(&image.u, "sticky").st_mode & 07777, 01777);
	EXPECT_INT(look_at(&image.u, "closed/su").st_mtime, 1000000000);
}

TEST("layers may be empty, come twice, or be of a type that is not known")
{
	static const struct tar_member none[] = { { 0 } };
	static const struct tar_member file[] = { FILE_OF("a", "a"), { 0 } };
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "odd", false);
	oci_layer(&image, none, PACKED_GZIP);
	oci_layer(&image, file, PACKED_GZIP);
	oci_layer(&image, none, PACKED_GZIP);
	strbuf_adds(&image.layers,
		    ",{\"mediaType\":\"text/plain\",\"digest\":\"x:y\",\"size\":1}");
	EXPECT_INT(oci_unpack_all(&image, "{}"), 1);
	EXPECT_TEXT(image.u.err.text, "");
	EXPECT(text_is(&image.u, "a", "a"));
}

TEST("directories that the image asks for are made, inside, and its words arrive")
{
	static const struct tar_member members[] = { LINK_OF("out", "../canary"),
						     LINK_OF("abs", "/tmp"),
						     FILE_OF("file", "x"),
						     { 0 } };
	auto_oci struct oci_image image = { 0 };

	if (!can_unpack())
		return;
	oci_init(&image, "asks", false);
	oci_layer(&image, members, PACKED_NOT);
	EXPECT_INT(
		oci_unpack_all(&image,
			       "{\"Volumes\":{\"/data/deep\":{},\"../../x\":{},"
			       "\"out/v\":{},\"abs/v\":{},\"file/v\":{},\"/\":{}},"
			       "\"Entrypoint\":[\"/a b\"],\"Cmd\":[\"c\",\"\"],"
			       "\"Env\":[\"A=1\",\"B=\"],\"User\":\"u:g\","
			       "\"WorkingDir\":\"/work/dir\",\"StopSignal\":\"SIGINT\"}"),
		1);
	EXPECT_TEXT(image.u.err.text, "");
	EXPECT(canary_lives(&image.u));
	EXPECT_INT(look_at(&image.u, "data/deep").st_uid, MAPPED);
	EXPECT_INT(look_at(&image.u, "data/deep").st_mode, S_IFDIR | 0755);
	EXPECT(is_there(&image.u, "work/dir"));
	EXPECT(!is_there(&image.u, "../x"));
	EXPECT(!is_there(&image.u, "x"));
	EXPECT_TEXT(image.said.command[0], "/a b");
	EXPECT_TEXT(image.said.command[1], "c");
	EXPECT_TEXT(image.said.command[2], "");
	EXPECT(!image.said.command[3]);
	EXPECT_TEXT(image.said.env[1], "B=");
	EXPECT_TEXT(image.said.user, "u:g");
	EXPECT_TEXT(image.said.dir, "/work/dir");
	EXPECT_TEXT(image.said.signal, "SIGINT");
}

TEST("an archive is an image by its members alone: exact names, nothing of a root")
{
	static const struct tar_member dotted[] = { FILE_OF("./oci-layout", "{}"),
						    FILE_OF("./index.json", "{}"),
						    FILE_OF("./blobs/sha256/x", "{}"),
						    { 0 } };
	static const struct tar_member half[] = { FILE_OF("oci-layout", "{}"),
						  FILE_OF("blobs/sha256/x", "{}"),
						  { 0 } };
	static const struct tar_member root[] = { FILE_OF("oci-layout", "{}"),
						  FILE_OF("index.json", "{}"),
						  FILE_OF("blobs/sha256/x", "{}"),
						  DIR_OF("etc/"),
						  { 0 } };
	static const struct tar_member *const all[] = { dotted, half, root };

	for (size_t i = 0; i < 3 && can_unpack(); i++) {
		auto_free char *name = xasprintf("plain%zu", i);
		auto_oci struct oci_image image = { 0 };

		oci_init(&image, name, false);
		for (const struct tar_member *member = all[i]; member->name; member++)
			tar_add(&image.u.tar, member);
		tar_end(&image.u.tar);
		EXPECT_INT(oci_unpack_raw(&image), 0);
	}
}
