#include "mount/mounted.h"

#include "base/own.h"
#include "test.h"

#define ROOT "50 40 254:0 /vz/100 / rw shared:5 master:1 - ext4 /dev/vda rw\n"
#define DATA "54 50 254:0 /data /mnt/a\\040b rw shared:6 - ext4 /dev/vda rw\n"

static const struct mounted_source data = { (char[]){ "254:0" }, (char[]){ "/data" } };

static const char *const none[] = { NULL };
static const char *const two[] = { "/two", NULL };

static void expect_alone(const char *text, const char *point, const char *want)
{
	struct error err = { .text = "" };
	auto_free char *got = NULL;
	uint64_t id = 0;

	if (mounted_alone(slice(text), &data, point, none, &id, &err) < 0)
		got = xstrdup(err.text);
	else
		got = xasprintf("%u", (unsigned)id);
	EXPECT_TEXT(got, want);
}

TEST("a mount is known by its file system and the directory of it")
{
	auto_mounted_source struct mounted_source source = { 0 };

	EXPECT(mounted_what(slice(ROOT DATA), 54, &source));
	EXPECT_TEXT(source.device, "254:0");
	EXPECT_TEXT(source.root, "/data");
	EXPECT(!mounted_what(slice(ROOT DATA), 55, &source));
	EXPECT(mounted_anywhere(slice(ROOT DATA), &data, none));
	EXPECT(!mounted_anywhere(slice(ROOT), &data, none));
	EXPECT(!mounted_anywhere(slice("54 50 254:1 /data /mnt rw - ext4 x rw\n"
				       "54 50 254:0 /data/x /mnt rw - ext4 x rw\n"),
				 &data, none));
}

TEST("it is found at its place alone")
{
	EXPECT_INT(mounted_at(slice(ROOT DATA), &data, "/mnt/a b"), 54);
	EXPECT_INT(mounted_at(slice(ROOT DATA), &data, "/mnt"), 0);
	EXPECT_INT(mounted_at(slice(ROOT), &data, "/mnt/a b"), 0);
}

TEST("one that is where it belongs, or nowhere, is free to go")
{
	expect_alone(ROOT DATA, "/mnt/a b", "54");
	expect_alone(ROOT, "/mnt/a b", "0");
}

TEST("one that the guest has moved, copied or covered is not")
{
	expect_alone(ROOT DATA, "/other", "the container has it mounted at '/mnt/a b'");
	expect_alone(ROOT DATA "60 50 254:0 /data /two rw - ext4 /dev/vda rw\n", "/mnt/a b",
		     "the container has it mounted at '/two'");
	expect_alone(ROOT DATA "60 54 254:0 /data /mnt/a\\040b rw - ext4 /dev/vda rw\n",
		     "/mnt/a b", "the container has it mounted twice at '/mnt/a b'");
	expect_alone(ROOT DATA "60 54 0:9 / /mnt/a\\040b rw - tmpfs none rw\n", "/mnt/a b",
		     "something is mounted on it at '/mnt/a b'");
	expect_alone(ROOT DATA "60 54 0:9 / /mnt/a\\040b/c rw - tmpfs none rw\n",
		     "/mnt/a b", "something is mounted on it at '/mnt/a b/c'");
}

TEST("another volume that shows the same directory is no copy, a second mount there is one")
{
	static const char text[] =
		ROOT DATA "60 50 254:0 /data /two rw - ext4 /dev/vda rw\n";
	static const char twice[] =
		ROOT DATA "60 50 254:0 /data /two rw - ext4 /dev/vda rw\n"
			  "61 60 254:0 /data /two rw - ext4 /dev/vda rw\n";
	struct error err;
	uint64_t id = 0;

	EXPECT_INT(mounted_alone(slice(text), &data, "/mnt/a b", two, &id, &err), 0);
	EXPECT_INT(id, 54);
	EXPECT(!mounted_anywhere(slice(ROOT "60 50 254:0 /data /two rw - ext4 x rw\n"),
				 &data, two));
	EXPECT(mounted_anywhere(slice(text), &data, two));
	EXPECT_INT(mounted_alone(slice(twice), &data, "/mnt/a b", two, &id, &err), -1);
	EXPECT_TEXT(err.text, "the container has it mounted at '/two'");
}

TEST("a path has single slashes where mountinfo tells it")
{
	auto_free char *inside = mounted_point("", "//mnt//x/");
	auto_free char *outside = mounted_point("/var/lib/lxc/100/rootfs", "mnt/x");

	EXPECT_TEXT(inside, "/mnt/x");
	EXPECT_TEXT(outside, "/var/lib/lxc/100/rootfs/mnt/x");
}
