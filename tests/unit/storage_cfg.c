#include "storage/cfg.h"

#include <string.h>

#include "base/own.h"
#include "storage/type.h"
#include "test.h"

static const struct cfg_host host = {
	.file = "/etc/pve/storage.cfg", .node = "node1", .vz = "/var/lib/vz", .root = ""
};

struct parsed {
	struct storages all;
	struct notes warnings;
};

#define auto_parsed __attribute__((cleanup(parsed_done)))

static void parsed_done(struct parsed *parsed)
{
	storages_done(&parsed->all);
	notes_done(&parsed->warnings);
}

static void parse(struct parsed *parsed, const char *text)
{
	cfg_parse(slice(text), &host, &parsed->all, &parsed->warnings);
}

static const struct storage *find(const struct parsed *parsed, const char *id)
{
	for (size_t i = 0; i < parsed->all.count; i++)
		if (strcmp(parsed->all.at[i].id, id) == 0)
			return &parsed->all.at[i];
	return NULL;
}

static const char *prop(const struct parsed *parsed, const char *id, const char *name)
{
	const struct storage *st = find(parsed, id);

	return st ? keyvals_get(&st->props, name) : "(no such storage)";
}

static const char *warning(const struct parsed *parsed, size_t index)
{
	return index < parsed->warnings.count ? parsed->warnings.text[index] : "(none)";
}

#define GUEST (CONTENT_IMAGES | CONTENT_ROOTDIR)

TEST("an empty file gives the built-in local, which offers everything but import")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "");
	EXPECT_INT(parsed.all.count, 1);
	EXPECT_INT(parsed.warnings.count, 0);
	EXPECT_TEXT(parsed.all.at[0].id, "local");
	EXPECT_TEXT(parsed.all.at[0].type_name, "dir");
	EXPECT_TEXT(parsed.all.at[0].path, "/var/lib/vz");
	EXPECT_TEXT(prop(&parsed, "local", "prune-backups"), "keep-all=1");
	EXPECT_INT(parsed.all.at[0].content, GUEST | CONTENT_VZTMPL | CONTENT_ISO |
						     CONTENT_BACKUP | CONTENT_SNIPPETS);
}

TEST("sections keep their order, properties their text, and types are found in any case")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed,
	      "DIR: second\n\tpath /mnt//second/\n\tcontent rootdir,vztmpl\n\tshared\n\n"
	      "# a comment\n"
	      "dir:   first  \n  # inside as well\n  path /mnt/first\n");
	EXPECT_INT(parsed.warnings.count, 0);
	EXPECT_TEXT(parsed.all.at[0].id, "second");
	EXPECT_TEXT(parsed.all.at[0].path, "/mnt/second");
	EXPECT_INT(parsed.all.at[0].content, CONTENT_ROOTDIR | CONTENT_VZTMPL);
	EXPECT(parsed.all.at[0].shared);
	EXPECT_TEXT(parsed.all.at[1].id, "first");
	EXPECT_INT(parsed.all.at[1].content, GUEST);
	EXPECT(!parsed.all.at[1].shared);
	EXPECT_TEXT(parsed.all.at[2].id, "local");
}

TEST("a section local of another type or with another path is replaced by the built-in one")
{
	auto_parsed struct parsed path = { 0 }, type = { 0 };

	parse(&path, "dir: local\n\tpath /data\n\tcontent iso\n\ndir: other\n\tpath /x\n");
	EXPECT_TEXT(find(&path, "local")->path, "/var/lib/vz");
	EXPECT(find(&path, "local")->content & CONTENT_ROOTDIR);
	EXPECT_TEXT(path.all.at[0].id, "local");
	parse(&type, "lvmthin: local\n\tvgname pve\n\tthinpool data\n");
	EXPECT_TEXT(find(&type, "local")->type_name, "dir");
	EXPECT_INT(type.all.count, 1);
}

TEST("a section local at its own place holds, but for its nodes")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed,
	      "dir: local\n\tpath /var/lib/vz/\n\tcontent iso,vztmpl\n\tnodes other\n");
	EXPECT_INT(find(&parsed, "local")->content, CONTENT_ISO | CONTENT_VZTMPL);
	EXPECT(prop(&parsed, "local", "nodes") == NULL);
	EXPECT(!find(&parsed, "local")->disabled);
}

TEST("disable and nodes without this one switch a storage off")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: off\n\tdisable\n\tpath /a\n\n"
		       "dir: there\n\tnodes node2,node3\n\tpath /a\n\n"
		       "dir: here\n\tnodes node2,node1\n\tpath /a\n\n"
		       "dir: on\n\tdisable 0\n\tpath /a\n");
	EXPECT(find(&parsed, "off")->disabled);
	EXPECT(find(&parsed, "there")->disabled);
	EXPECT(!find(&parsed, "here")->disabled);
	EXPECT(!find(&parsed, "on")->disabled);
}

TEST("a property line before any section is told with its line and ignored")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "\tpath /x\ngarbage\ndir: a1\n\tpath /x\n");
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 1: line is ignored, "
		    "it belongs to no section");
	EXPECT_TEXT(warning(&parsed, 1),
		    "file '/etc/pve/storage.cfg' line 2: line is ignored, "
		    "it belongs to no section");
	EXPECT(find(&parsed, "a1") != NULL);
}

TEST("unknown, repeated and malformed properties are left out, the section stays")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: foo\n\tpath /x\n\tpath /y\n\tcolour red\n\tshared maybe\n"
		       "\tformat\n\tvgname pve\n\tmax-protected-backups -2\n");
	EXPECT_TEXT(prop(&parsed, "foo", "path"), "/x");
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 3 (section 'foo'): "
		    "property 'path' is there twice");
	EXPECT_TEXT(warning(&parsed, 1),
		    "file '/etc/pve/storage.cfg' line 4 (section 'foo'): "
		    "unknown property 'colour'");
	EXPECT_TEXT(warning(&parsed, 2),
		    "file '/etc/pve/storage.cfg' line 5 (section 'foo'): "
		    "shared: type check ('boolean') failed - got 'maybe'");
	EXPECT_TEXT(warning(&parsed, 3),
		    "file '/etc/pve/storage.cfg' line 6 (section 'foo'): "
		    "property 'format' has no value");
	EXPECT_TEXT(warning(&parsed, 4),
		    "file '/etc/pve/storage.cfg' line 7 (section 'foo'): "
		    "unknown property 'vgname'");
	EXPECT_TEXT(warning(&parsed, 5),
		    "file '/etc/pve/storage.cfg' line 8 (section 'foo'): "
		    "max-protected-backups: value must have a minimum value "
		    "of -1");
	EXPECT_INT(find(&parsed, "foo")->props.count, 1);
}

TEST("a line that is not indented, or only blank, does not end a section")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: foo\n \nstray\n\tpath /x\n\n");
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 2 (section 'foo'): "
		    "line is ignored, it holds no property");
	EXPECT_TEXT(warning(&parsed, 1),
		    "file '/etc/pve/storage.cfg' line 3 (section 'foo'): "
		    "line is ignored, it holds no property");
	EXPECT_TEXT(find(&parsed, "foo")->path, "/x");
}

TEST("unknown type, bad ID and missing required property skip the whole section")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed,
	      "warp: foo\n\tpath /x\n\ndir: 1x\n\tpath /x\n\ndir: bar\n\tshared\n\n"
	      "dir: good\n\tpath /x\n");
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 1 (section 'foo'): "
		    "section is skipped, type 'warp' is unknown");
	EXPECT_TEXT(warning(&parsed, 1),
		    "file '/etc/pve/storage.cfg' line 4 (section '1x'): "
		    "section is skipped, this is no storage ID");
	EXPECT_TEXT(warning(&parsed, 2),
		    "file '/etc/pve/storage.cfg' line 9 (section 'bar'): "
		    "section is skipped, property 'path' is missing");
	EXPECT_INT(parsed.all.count, 2);
	EXPECT(find(&parsed, "good") != NULL);
}

TEST("content that the type cannot hold is dropped, none beside others is refused")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "zfspool: tank\n\tpool tank\n\tcontent images,iso\n\n"
		       "dir: both\n\tpath /x\n\tcontent none,iso\n\n"
		       "dir: empty\n\tpath /x\n\tcontent none\n");
	EXPECT_INT(find(&parsed, "tank")->content, CONTENT_IMAGES);
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 3 (section 'tank'): "
		    "content type 'iso' is not for type 'zfspool'");
	EXPECT_TEXT(warning(&parsed, 1),
		    "file '/etc/pve/storage.cfg' line 7 (section 'both'): "
		    "content: 'none' cannot stand with other content types");
	EXPECT_INT(find(&parsed, "both")->content, GUEST);
	EXPECT_INT(find(&parsed, "empty")->content, 0);
	EXPECT_TEXT(prop(&parsed, "empty", "content"), "none");
}

TEST("a format that the type does not know is dropped")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "nfs: nas\n\tserver s\n\texport /e\n\tformat subvol\n");
	EXPECT_TEXT(warning(&parsed, 0),
		    "file '/etc/pve/storage.cfg' line 4 (section 'nas'): "
		    "format: 'subvol' is not for type 'nfs'");
	EXPECT(prop(&parsed, "nas", "format") == NULL);
}

TEST("foreign types are kept with every line of theirs, shared ones are shared")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "nfs: nas\n\tserver s\n\texport /e\n\n"
		       "pbs: far\n\tdatastore d\n\tfingerprint aa:bb cc\n\tencrypted\n");
	EXPECT_INT(parsed.warnings.count, 0);
	EXPECT(find(&parsed, "nas")->type == &storage_nfs);
	EXPECT(find(&parsed, "nas")->shared);
	EXPECT_INT(find(&parsed, "nas")->content, CONTENT_IMAGES);
	EXPECT_TEXT(find(&parsed, "nas")->path, "/mnt/pve/nas");
	EXPECT(find(&parsed, "far")->type == NULL);
	EXPECT_TEXT(find(&parsed, "far")->type_name, "pbs");
	EXPECT_TEXT(prop(&parsed, "far", "fingerprint"), "aa:bb cc");
	EXPECT_TEXT(prop(&parsed, "far", "encrypted"), "1");
}

TEST("the paths of dir storages have few characters, and the root is none")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed,
	      "dir: p1\n\tpath relative\n\ndir: p2\n\tpath /a b\n\n"
	      "dir: p3\n\tpath /;x\n\ndir: p4\n\tpath //\n\ndir: p5\n\tpath /a@b._-c\n");
	EXPECT(!find(&parsed, "p1") && !find(&parsed, "p2"));
	EXPECT(!find(&parsed, "p3") && !find(&parsed, "p4"));
	EXPECT_TEXT(find(&parsed, "p5")->path, "/a@b._-c");
}

TEST("directories of content may not lead out of the storage")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: d1\n\tpath /x\n\tcontent-dirs vztmpl=../../etc\n\n"
		       "dir: d2\n\tpath /x\n\tcontent-dirs vztmpl=a/b,iso=c\n\n"
		       "dir: d3\n\tpath /x\n\tcontent-dirs vztmpl=a.\n\n"
		       "dir: d4\n\tpath /x\n\tcontent-dirs weird=a\n");
	EXPECT(prop(&parsed, "d1", "content-dirs") == NULL);
	EXPECT_TEXT(prop(&parsed, "d2", "content-dirs"), "vztmpl=a/b,iso=c");
	EXPECT(prop(&parsed, "d3", "content-dirs") == NULL);
	EXPECT(prop(&parsed, "d4", "content-dirs") == NULL);
}

TEST("block sizes, limits, retention and versions are checked by their rows")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed,
	      "zfspool: z1\n\tpool t\n\tblocksize 8k\n\tbwlimit clone=10.5,default=0\n\n"
	      "zfspool: z2\n\tpool t\n\tblocksize 3k\n\tbwlimit clone=-1\n\n"
	      "zfspool: z3\n\tpool t\n\tblocksize 32M\n\tbwlimit speed=1\n\n"
	      "dir: d1\n\tpath /x\n\tprune-backups keep-last=3,keep-daily=1\n\n"
	      "dir: d2\n\tpath /x\n\tprune-backups keep-last=x\n\n"
	      "cifs: c1\n\tserver s\n\tshare h\n\tsmbversion 3.0\n\n"
	      "cifs: c2\n\tserver s\n\tshare h\n\tsmbversion 4\n");
	EXPECT_TEXT(prop(&parsed, "z1", "blocksize"), "8k");
	EXPECT_TEXT(prop(&parsed, "z1", "bwlimit"), "clone=10.5,default=0");
	EXPECT_INT(find(&parsed, "z2")->props.count, 1);
	EXPECT_INT(find(&parsed, "z3")->props.count, 1);
	EXPECT_TEXT(prop(&parsed, "d1", "prune-backups"), "keep-last=3,keep-daily=1");
	EXPECT(prop(&parsed, "d2", "prune-backups") == NULL);
	EXPECT_TEXT(prop(&parsed, "c1", "smbversion"), "3.0");
	EXPECT(prop(&parsed, "c2", "smbversion") == NULL);
}

TEST("mkdir still works and says what to use instead")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: foo\n\tpath /x\n\tmkdir 0\n");
	EXPECT_TEXT(warning(&parsed, 0), "file '/etc/pve/storage.cfg' line 3 (section "
					 "'foo'): 'mkdir' is deprecated: "
					 "use 'create-base-path' and 'create-subdirs'");
	EXPECT_TEXT(prop(&parsed, "foo", "mkdir"), "0");
}

TEST("of two sections with one name the later one holds, with a warning")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: foo\n\tpath /x\n\ndir: foo\n\tpath /y\n");
	EXPECT_TEXT(find(&parsed, "foo")->path, "/y");
	EXPECT_INT(parsed.all.count, 2);
	EXPECT_INT(parsed.warnings.count, 1);
}

TEST("lines that end with CR LF are read as others")
{
	auto_parsed struct parsed parsed = { 0 };

	parse(&parsed, "dir: foo\r\n\tpath /x\r\n\r\ndir: bar\r\n\tpath /y\r\n");
	EXPECT_INT(parsed.warnings.count, 0);
	EXPECT_TEXT(find(&parsed, "foo")->path, "/x");
	EXPECT_TEXT(find(&parsed, "bar")->path, "/y");
}

TEST("NUL bytes are reported and never cut a name or a value")
{
	static const char text[] =
		"dir: foo\n\tpath /x\0/y\n\tpath /z\n\nd\0ir: bar\n\tpath /x\n\n"
		"dir: b\0r\n\tpath /x\n";
	auto_parsed struct parsed parsed = { 0 };

	cfg_parse(slice_of(text, sizeof(text) - 1), &host, &parsed.all, &parsed.warnings);
	EXPECT_TEXT(find(&parsed, "foo")->path, "/z");
	EXPECT_INT(parsed.all.count, 2);
	EXPECT_INT(parsed.warnings.count, 3);
}

TEST("a hundred thousand lines of rubbish do no harm")
{
	auto_parsed struct parsed parsed = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (int i = 0; i < 50000; i++)
		strbuf_adds(&text, "\xff\xfe:: \x01\n\t\t= [x]\n");
	parse(&parsed, text.at);
	EXPECT_INT(parsed.all.count, 1);
}

TEST("shares are mounted below the root of this host, unless their path says where")
{
	const struct cfg_host other = {
		.file = "f", .node = "node1", .vz = "/r/vz", .root = "/r"
	};
	auto_storages struct storages all = { 0 };

	cfg_parse(slice("nfs: one\n\tserver s\n\texport /e\n\n"
			"nfs: two\n\tserver s\n\texport /e\n\tpath /mnt/pve/two\n\n"
			"nfs: far\n\tserver s\n\texport /e\n\tpath /srv/far\n"),
		  &other, &all, NULL);
	EXPECT_TEXT(all.at[0].path, "/r/mnt/pve/one");
	EXPECT_TEXT(all.at[1].path, "/r/mnt/pve/two");
	EXPECT_TEXT(all.at[2].path, "/srv/far");
}
