#include "storage/edit.h"

#include <string.h>

#include "base/own.h"
#include "test.h"

static const struct cfg_host host = {
	.file = "/etc/pve/storage.cfg", .node = "node1", .vz = "/var/lib/vz", .root = ""
};

/* Pairs of name and value, NULL at the end. */
static void fill(struct keyvals *values, const char *const *pairs)
{
	for (; *pairs; pairs += 2)
		keyvals_set(values, pairs[0], pairs[1]);
}

static void expect_add(const char *before, const char *type, const char *id,
		       const char *const *pairs, const char *want)
{
	auto_strbuf struct strbuf after = STRBUF_INIT;
	auto_keyvals struct keyvals values = { 0 };
	struct error err;
	int status;

	fill(&values, pairs);
	status = cfg_add(slice(before), &host, storage_type_find(type), id, &values, &after,
			 NULL, &err);
	EXPECT_TEXT(status == 0 ? after.at : err.text, want);
}

static void expect_set(const char *before, const char *id, const char *const *pairs,
		       const char *delete, const char *want)
{
	auto_strbuf struct strbuf after = STRBUF_INIT;
	auto_keyvals struct keyvals values = { 0 };
	struct error err;
	int status;

	fill(&values, pairs);
	status = cfg_set(slice(before), &host, id, &values, delete, &after, NULL, &err);
	EXPECT_TEXT(status == 0 ? after.at : err.text, want);
}

static void expect_remove(const char *before, const char *id, const char *want)
{
	auto_strbuf struct strbuf after = STRBUF_INIT;
	struct error err;
	int status = cfg_remove(slice(before), &host, id, &after, NULL, &err);

	EXPECT_TEXT(status == 0 ? after.at : err.text, want);
}

static const char *const none[] = { NULL };

TEST("a section has disable, then required, then optional properties, each in order")
{
	expect_add("", "nfs", "nas",
		   (const char *const[]){ "server", "10.0.0.1", "path", "/mnt/pve/nas",
					  "export", "/data", "content", "iso images",
					  "disable", "yes", "nodes", "a;b", "options",
					  "soft", "content-dirs", "vztmpl=t,iso=i", NULL },
		   "nfs: nas\n\tdisable\n\texport /data\n\tpath /mnt/pve/nas\n"
		   "\tserver 10.0.0.1\n\tcontent iso,images\n"
		   "\tcontent-dirs iso=i,vztmpl=t\n\tnodes a,b\n\toptions soft\n\n");
}

TEST("booleans are digits, disable is left out when it is off, no content is none")
{
	expect_add("", "dir", "foo",
		   (const char *const[]){ "path", "//srv//foo/", "disable", "0", "shared",
					  "on", "create-subdirs", "no", "content", "none",
					  NULL },
		   "dir: foo\n\tpath /srv/foo\n\tcontent none\n\tcreate-subdirs 0\n"
		   "\tshared 1\n\n");
}

TEST("sections keep their order, a new one comes last, comments go")
{
	expect_add("# mine\ndir: zoo\n\tcontent iso\n\t# why\n\tpath /z\n\n\n"
		   "lvm: abc\n\tvgname v\n",
		   "dir", "foo", (const char *const[]){ "path", "/f", NULL },
		   "dir: zoo\n\tpath /z\n\tcontent iso\n\nlvm: abc\n\tvgname v\n\n"
		   "dir: foo\n\tpath /f\n\n");
}

TEST("sections that are not checked or not understood keep their text")
{
	expect_add("pbs: far\n\tserver x\n\tdatastore  d\n\n"
		   "odd: one\n    what ever\n\n"
		   "dir: nopath\n\tcontent iso",
		   "dir", "foo", (const char *const[]){ "path", "/f", NULL },
		   "pbs: far\n\tserver x\n\tdatastore  d\n\n"
		   "odd: one\n    what ever\n\n"
		   "dir: nopath\n\tcontent iso\n\n"
		   "dir: foo\n\tpath /f\n\n");
}

TEST("a section that is not understood keeps its NUL bytes, too")
{
	static const char before[] = "odd: one\n\twhat\0ever\n\nd\0r: two\n\tx y\n\n";
	auto_strbuf struct strbuf after = STRBUF_INIT;
	auto_keyvals struct keyvals values = { 0 };
	struct error err;

	keyvals_set(&values, "content", "iso");
	EXPECT(cfg_set(slice_of(before, sizeof(before) - 1), &host, "local", &values, NULL,
		       &after, NULL, &err) == 0);
	EXPECT(after.len > sizeof(before) - 1 &&
	       memcmp(after.at, before, sizeof(before) - 1) == 0);
}

TEST("of two sections with one name the first place and the last content are written")
{
	expect_set("dir: foo\n\tpath /a\n\ndir: bar\n\tpath /b\n\ndir: foo\n\tpath /c\n",
		   "bar", (const char *const[]){ "shared", "1", NULL }, NULL,
		   "dir: foo\n\tpath /c\n\ndir: bar\n\tpath /b\n\tshared 1\n\n");
	expect_set("pbs: far\n\tserver x\n\ndir: bar\n\tpath /b\n\npbs: far\n\tserver y\n",
		   "bar", (const char *const[]){ "shared", "1", NULL }, NULL,
		   "pbs: far\n\tserver x\n\ndir: bar\n\tpath /b\n\tshared 1\n\n"
		   "pbs: far\n\tserver y\n\n");
	expect_remove("pbs: far\n\tserver x\n\npbs: far\n\tserver y\n", "far", "");
}

TEST("a name that is taken is refused, also that of the built-in local")
{
	const char *const path[] = { "path", "/f", NULL };

	expect_add("dir: foo\n\tpath /a\n", "dir", "foo", path,
		   "storage ID 'foo' already defined");
	expect_add("", "dir", "local", path, "storage ID 'local' already defined");
	expect_add("", "dir", "f", path, "'f' is no storage ID");
	expect_add("", "dir", "../f", path, "'../f' is no storage ID");
}

TEST("values that are missing, for other types, or wrong are refused by name")
{
	expect_add("", "dir", "foo", none, "missing value for required option 'path'");
	expect_add("", "lvmthin", "foo", (const char *const[]){ "vgname", "pve", NULL },
		   "missing value for required option 'thinpool'");
	expect_add("", "dir", "foo",
		   (const char *const[]){ "path", "/f", "vgname", "pve", NULL },
		   "unexpected property 'vgname'");
	expect_add("", "lvm", "foo",
		   (const char *const[]){ "vgname", "pve", "content", "iso", NULL },
		   "content: content type 'iso' is not for type 'lvm'");
	expect_add("", "dir", "foo", (const char *const[]){ "path", "/", NULL },
		   "path: invalid format - value does not look like an absolute path");
	expect_add("", "dir", "foo", (const char *const[]){ "path", "/a b", NULL },
		   "path: '/a b' has characters other than [-/a-zA-Z0-9_.@]");
	expect_add("", "zfspool", "foo", (const char *const[]){ "pool", "-x", NULL },
		   "pool: value does not match the regex pattern");
	expect_add("", "nfs", "foo",
		   (const char *const[]){ "server", "-x", "export", "/e", NULL },
		   "server: value does not match the regex pattern");
	expect_add("", "nfs", "foo",
		   (const char *const[]){ "server", "s", "export", "/e", "format", "subvol",
					  NULL },
		   "format: 'subvol' is not for type 'nfs'");
	expect_add("", "dir", "foo",
		   (const char *const[]){ "path", "/f", "prune-backups",
					  "keep-all=1,keep-last=2", NULL },
		   "prune-backups: keep-all cannot be set together with other options.");
}

TEST("a deprecated property is a warning only")
{
	auto_strbuf struct strbuf after = STRBUF_INIT;
	auto_keyvals struct keyvals values = { 0 };
	auto_notes struct notes notes = { 0 };
	struct error err;

	fill(&values, (const char *const[]){ "path", "/f", "mkdir", "0", NULL });
	EXPECT(cfg_add(slice(""), &host, &storage_dir, "foo", &values, &after, &notes,
		       &err) == 0);
	EXPECT_TEXT(after.at, "dir: foo\n\tpath /f\n\tmkdir 0\n\n");
	EXPECT_INT(notes.count, 1);
}

TEST("setting and deleting change one section, and only what may change")
{
	static const char before[] = "dir: foo\n\tpath /a\n\tshared 1\n\tdisable\n\n"
				     "lvm: vol\n\tvgname v\n\tbase x:y\n";

	expect_set(before, "foo", (const char *const[]){ "content", "iso", NULL },
		   "shared,disable",
		   "dir: foo\n\tpath /a\n\tcontent iso\n\n"
		   "lvm: vol\n\tvgname v\n\tbase x:y\n\n");
	expect_set(before, "none", none, NULL, "storage 'none' does not exist");
	expect_set(before, "foo", (const char *const[]){ "path", "/b", NULL }, NULL,
		   "can't change value of fixed parameter 'path'");
	expect_set(before, "vol", (const char *const[]){ "base", "a:b", NULL }, NULL,
		   "can't change value of fixed parameter 'base'");
	expect_set(before, "foo", none, "path", "unable to delete required option 'path'");
	expect_set(before, "vol", none, "base", "unable to delete fixed option 'base'");
	expect_set(before, "foo", none, "nosuch", "unexpected property 'nosuch'");
	expect_set(before, "foo", (const char *const[]){ "shared", "0", NULL }, "shared",
		   "unable to set and delete 'shared' at the same time");
	expect_set("pbs: far\n\tserver x\n", "far", none, NULL,
		   "storage 'far' is of type 'pbs', which is not supported");
}

TEST("the built-in local gets a section when it is changed, or when its own does not hold")
{
	static const char local[] = "dir: local\n\tpath /var/lib/vz\n\tcontent rootdir\n"
				    "\tprune-backups keep-all=1\n\n";
	const char *const rootdir[] = { "content", "rootdir", NULL };

	expect_set("", "local", rootdir, NULL, local);
	expect_set("lvmthin: local\n\tvgname pve\n\tthinpool data\n", "local", rootdir,
		   NULL, local);
	expect_set("dir: local\n\tpath /data\n\tshared 1\n", "local", rootdir, NULL, local);
	expect_set("dir: local\n\tpath /var/lib/vz\n", "local", rootdir, NULL,
		   "dir: local\n\tpath /var/lib/vz\n\tcontent rootdir\n\n");
	expect_set("", "local", (const char *const[]){ "path", "/data", NULL }, NULL,
		   "can't change value of fixed parameter 'path'");
}

TEST("a section local that does not hold stays as it is when another one changes")
{
	static const char local[] = "dir: local\n\tpath /data\n\n";

	expect_add(local, "dir", "foo", (const char *const[]){ "path", "/f", NULL },
		   "dir: local\n\tpath /data\n\ndir: foo\n\tpath /f\n\n");
	expect_add(local, "dir", "local", (const char *const[]){ "path", "/f", NULL },
		   "storage ID 'local' already defined");
}

TEST("lines that are not written again are told")
{
	static const char before[] = "dir: foo\n\tpath /a\n\tbogus 1\n";
	auto_strbuf struct strbuf after = STRBUF_INIT;
	auto_keyvals struct keyvals values = { 0 };
	auto_notes struct notes notes = { 0 };
	struct error err;

	keyvals_set(&values, "path", "/b");
	EXPECT(cfg_add(slice(before), &host, &storage_dir, "bar", &values, &after, &notes,
		       &err) == 0);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(notes.text[0], "file '/etc/pve/storage.cfg' line 3 (section 'foo'): "
				   "unknown property 'bogus'");
	keyvals_unset(&values, "path");
	EXPECT(cfg_set(slice(before), &host, "foo", &values, NULL, &after, &notes, &err) ==
	       0);
	EXPECT_INT(notes.count, 2);
	EXPECT(cfg_remove(slice(before), &host, "foo", &after, &notes, &err) == 0);
	EXPECT_INT(notes.count, 3);
}

TEST("removing takes the section away, unless another storage stands on it")
{
	static const char before[] = "dir: foo\n\tpath /a\n\niscsi: san\n\tportal p\n\n"
				     "lvm: vol\n\tvgname v\n\tbase san:0.0.1.lun\n\n";

	expect_remove(before, "foo",
		      "iscsi: san\n\tportal p\n\nlvm: vol\n\tvgname v\n"
		      "\tbase san:0.0.1.lun\n\n");
	expect_remove(before, "san", "storage 'san' is the base of storage 'vol'");
	expect_remove(before, "fo", "storage 'fo' does not exist");
}

TEST("what the writer wrote is what the reader reads, byte for byte")
{
	static const char canonical[] =
		"btrfs: fast\n\tpath /srv/fast\n\tcontent rootdir,images\n\tnocow 1\n\n"
		"cifs: smb\n\tpath /mnt/pve/smb\n\tserver s\n\tshare data\n\tusername bob\n\n"
		"zfspool: tank\n\tpool tank/ct\n\tmountpoint /tank/ct\n\tsparse 1\n\n"
		"lvmthin: thin\n\tthinpool data\n\tvgname pve\n\n"
		"rbd: ceph\n\tkrbd 1\n\n";

	expect_set(canonical, "fast", none, NULL, canonical);
}
