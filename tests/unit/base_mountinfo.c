#include "base/mountinfo.h"

#include "base/own.h"
#include "test.h"

static void expect_decoded(const char *field, const char *want)
{
	auto_free char *got = mountinfo_decode(slice(field));

	EXPECT_TEXT(got, want);
}

static void expect_field(struct slice got, const char *want)
{
	auto_free char *text = slice_dup(got);

	EXPECT_TEXT(text, want);
}

TEST("each mount has its point, its type and the options of its file system")
{
	struct slice text = slice(
		"22 1 0:20 / / rw,relatime - ext4 /dev/vda rw,discard\n"
		"31 23 0:29 / /sys/fs/cgroup/cpu ro shared:9 master:1 - cgroup none rw,cpu\n"
		"32 23 0:29 /in /a\\040b rw - tmpfs - rw");
	struct mountinfo mount;

	EXPECT(mountinfo_next(&text, &mount));
	expect_field(mount.point, "/");
	expect_field(mount.fstype, "ext4");
	expect_field(mount.id, "22");
	expect_field(mount.parent, "1");
	expect_field(mount.device, "0:20");
	expect_field(mount.root, "/");
	expect_field(mount.options, "rw,discard");
	EXPECT(mountinfo_next(&text, &mount));
	expect_field(mount.point, "/sys/fs/cgroup/cpu");
	expect_field(mount.fstype, "cgroup");
	expect_field(mount.options, "rw,cpu");
	EXPECT(mountinfo_next(&text, &mount));
	expect_field(mount.point, "/a\\040b");
	expect_field(mount.options, "rw");
	EXPECT(!mountinfo_next(&text, &mount));
}

TEST("lines that are cut off or none are passed over, and leave the output")
{
	struct slice text = slice("\nx\n22 1 0:20 / /a\n22 1 0:20 / /a rw shared:1\n"
				  "22 1 0:20 / /a rw -\n- - - - - -\n");
	struct mountinfo mount = { .point = slice("kept") };

	EXPECT(!mountinfo_next(&text, &mount));
	expect_field(mount.point, "kept");
}

TEST("only three octal digits of one byte are an escape")
{
	expect_decoded("/a\\040b\\134c\\011\\012", "/a b\\c\t\n");
	expect_decoded("\\377", "\377");
	expect_decoded("\\400\\08\\04", "\\400\\08\\04");
	expect_decoded("\\", "\\");
	expect_decoded("\\\\040", "\\ ");
	expect_decoded("", "");
}

TEST("the mounts of this process are there, and one of them is /proc")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct mountinfo mount;
	struct slice rest;
	struct error err;
	bool found = false;

	EXPECT_INT(mountinfo_read(&text, &err), 0);
	rest = strbuf_slice(&text);
	while (mountinfo_next(&rest, &mount))
		found |= slice_is(mount.point, "/proc") && slice_is(mount.fstype, "proc");
	EXPECT(found);
}
