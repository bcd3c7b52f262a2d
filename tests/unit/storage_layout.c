#include "storage/layout.h"

#include <string.h>

#include "base/own.h"
#include "storage/type.h"
#include "test.h"

static bool accepts(const char *volname, struct volume *volume)
{
	struct error err;

	return file_volume_parse(slice(volname), volume, &err) == 0;
}

static bool refuses(const char *volname)
{
	struct volume volume = { .vmid = 7 };

	return !accepts(volname, &volume) && volume.vmid == 7;
}

TEST("names of guest volumes give owner, format and whether they are a base")
{
	struct volume volume;

	EXPECT(accepts("100/vm-100-disk-0.raw", &volume));
	EXPECT_INT(volume.content, CONTENT_IMAGES);
	EXPECT_INT(volume.vmid, 100);
	EXPECT_INT(volume.format, FORMAT_RAW);
	EXPECT(!volume.is_base && volume.base.len == 0);
	EXPECT(slice_is(volume.name, "vm-100-disk-0.raw"));
	EXPECT(accepts("100/subvol-100-disk-0.subvol", &volume));
	EXPECT_INT(volume.format, FORMAT_SUBVOL);
	EXPECT(accepts("100/anything.raw", &volume));
	EXPECT(accepts("9000/base-9000-disk-0.vmdk", &volume));
	EXPECT(volume.is_base);
	EXPECT_TEXT(volume.format_name, "vmdk");
}

TEST("a linked clone belongs to its own owner and names its base")
{
	struct volume volume;

	EXPECT(accepts("9000/base-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2", &volume));
	EXPECT_INT(volume.vmid, 100);
	EXPECT(!volume.is_base);
	EXPECT(slice_is(volume.base, "9000/base-9000-disk-0.qcow2"));
	EXPECT(refuses("9000/vm-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2"));
	EXPECT(refuses("x/base-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2"));
}

TEST("files of other content types give their format as listings show it")
{
	static const struct {
		const char *volname, *format;
		unsigned content, vmid;
	} cases[] = {
		{ "vztmpl/a.tar.zst", "tzst", CONTENT_VZTMPL, 0 },
		{ "vztmpl/a.tar.gz", "tgz", CONTENT_VZTMPL, 0 },
		{ "vztmpl/a b.tar.xz", "txz", CONTENT_VZTMPL, 0 },
		{ "vztmpl/a.tar.bz2", "tbz2", CONTENT_VZTMPL, 0 },
		{ "vztmpl/a.tar", "tar", CONTENT_VZTMPL, 0 },
		{ "iso/Debian.ISO", "iso", CONTENT_ISO, 0 },
		{ "iso/x.img", "iso", CONTENT_ISO, 0 },
		{ "backup/vzdump-lxc-100-2026_01_05-02_00_01.tar.zst", "tar.zst",
		  CONTENT_BACKUP, 100 },
		{ "backup/vzdump-qemu-7-x.vma.lzo", "vma.lzo", CONTENT_BACKUP, 7 },
		{ "backup/my.tgz", "tgz", CONTENT_BACKUP, 0 },
		{ "snippets/hook.pl", "snippet", CONTENT_SNIPPETS, 0 },
		{ "import/a b.ova", "ova", CONTENT_IMPORT, 0 },
		{ "import/x.ova/disk.vmdk", "vmdk", CONTENT_IMPORT, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct volume volume = { 0 };

		EXPECT(accepts(cases[i].volname, &volume));
		EXPECT_TEXT(volume.format_name, cases[i].format);
		EXPECT_INT(volume.content, cases[i].content);
		EXPECT_INT(volume.vmid, cases[i].vmid);
	}
}

TEST("names that are no volumes are refused and leave the output alone")
{
	static const char *const names[] = {
		"",
		"x/base-100-disk-0.raw",
		"100/vm-100-disk-0.vhdx",
		"vztmpl/a.zip.gz",
		"vztmpl/.tar",
		"backup/vzdump-lxc-100-2020_03_30-21_12_40.tgz.lzo",
		"100/snap-100-disk-0.qcow2",
		"100/.raw",
		"100/a b.raw",
		"100/a\tb.raw",
		"0/a.raw",
		"0100/a.raw",
		"1000000000/a.raw",
		"99999999999999999999/a.raw",
		"-1/a.raw",
		"100",
		"100/",
		"iso/a.txt",
		"import/a;b.raw",
		"import/x.ova/y.ovf",
		"nothing/a.raw",
		"vztmpl",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT(refuses(names[i]));
}

TEST("no name can leave its directory")
{
	static const char *const names[] = {
		"100/../101/vm-101-disk-0.raw",
		"100/../../../../etc/x.raw",
		"../100/a.raw",
		"100//etc/x.raw",
		"/etc/x.raw",
		"vztmpl/../../x.tar.gz",
		"vztmpl/../x.tar.gz",
		"vztmpl//x.tar.gz",
		"snippets/..",
		"snippets/.",
		"snippets/../passwd",
		"import/../x.ova/y.raw",
		"import/x.ova/../y.raw",
		"9000/base-1.raw/../100/a.raw",
		"9000/base-1.raw/100/../a.raw",
		"9000/base-1.raw/100/b/a.raw",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT(refuses(names[i]));
}

TEST("control characters are refused, other bytes are not")
{
	struct volume volume;

	EXPECT(refuses("vztmpl/a\nb.tar"));
	EXPECT(refuses("vztmpl/\033[31m.tar"));
	EXPECT(refuses("100/a\x7f.raw"));
	EXPECT(accepts("100/\xc3\xa4\xff.raw", &volume));
}

TEST("a name longer than a file name can be is refused with a short message")
{
	auto_strbuf struct strbuf name = STRBUF_INIT;
	struct volume volume;
	struct error err;

	strbuf_adds(&name, "100/");
	memset(strbuf_grow(&name, 4096), 'a', 4096);
	name.len += 4096;
	strbuf_adds(&name, ".raw");
	EXPECT(file_volume_parse(strbuf_slice(&name), &volume, &err) < 0);
	EXPECT(strlen(err.text) < 600);
	EXPECT(file_volume_parse(slice("x/y"), &volume, &err) < 0);
	EXPECT_TEXT(err.text, "unable to parse directory volume name 'x/y'");
}

TEST("paths follow the layout, and content-dirs where it says otherwise")
{
	struct storage st = { .id = (char[]){ "local" },
			      .path = (char[]){ "/data" },
			      .type = &storage_dir };
	auto_free char *raw = file_volume_path(&st, slice("100/vm-100-disk-0.raw"), NULL);
	auto_free char *clone = file_volume_path(
		&st, slice("9/base-9-disk-0.qcow2/100/vm-100-disk-0.qcow2"), NULL);
	auto_free char *template = file_volume_path(&st, slice("vztmpl/a.tar.gz"), NULL);
	auto_free char *inner = file_volume_path(&st, slice("import/x.ova/y.raw"), NULL);
	auto_free char *moved = NULL, *iso = NULL,
		       *bad = file_volume_path(&st, slice("1/../x"), NULL);

	EXPECT_TEXT(raw, "/data/images/100/vm-100-disk-0.raw");
	EXPECT_TEXT(clone, "/data/images/100/vm-100-disk-0.qcow2");
	EXPECT_TEXT(template, "/data/template/cache/a.tar.gz");
	EXPECT_TEXT(inner, "/data/import/x.ova/y.raw");
	EXPECT(bad == NULL);
	keyvals_set(&st.props, "content-dirs", "vztmpl=t/c,images=disks");
	moved = file_volume_path(&st, slice("vztmpl/a.tar.gz"), NULL);
	iso = file_volume_path(&st, slice("iso/a.iso"), NULL);
	EXPECT_TEXT(moved, "/data/t/c/a.tar.gz");
	EXPECT_TEXT(iso, "/data/template/iso/a.iso");
	keyvals_done(&st.props);
}
