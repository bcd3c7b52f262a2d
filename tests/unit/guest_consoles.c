/* Odd input of the pure functions behind consoles: getty units, securetty, inittab. */
#include <string.h>

#include "base/own.h"
#include "guest/inittab.h"
#include "guest/securetty.h"
#include "guest/systemd.h"
#include "test.h"

#define BYTES(text) slice_of(text, sizeof(text) - 1)

static void expect_unit(struct slice old, const char *prefix, struct slice want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	auto_free char *text = NULL;

	EXPECT(systemd_getty_edit(old, prefix, &out));
	EXPECT_INT(out.len, want.len);
	text = slice_dup(want);
	EXPECT_TEXT(out.at, text);
	EXPECT(out.len == want.len && memcmp(out.at, want.at, want.len) == 0);
}

TEST("a getty unit names its device with the prefix, wherever it stood")
{
	expect_unit(slice("a pts/%I b\nTTYPath=/dev/lxc/tty%I"), "lxc/",
		    slice("a lxc/tty%I b\nTTYPath=/dev/lxc/tty%I"));
	expect_unit(slice("a pts/%I b\nTTYPath=/dev/lxc/tty%I"), "",
		    slice("a tty%I b\nTTYPath=/dev/tty%I"));
	expect_unit(slice("pts/%Ipts/%I"), "", slice("tty%Itty%I"));
	expect_unit(slice("pts/pts/%I\r\n"), "", slice("pts/tty%I\r\n"));
	expect_unit(BYTES("\0pts/%I\0"), "", BYTES("\0tty%I\0"));
}

TEST("a getty unit without such a device stays")
{
	static const char *const texts[] = { "",     "tty%I",    "pts/%i",
					     "pts/", "lxc/tty%", "LXC/tty%I" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		auto_strbuf struct strbuf out = STRBUF_INIT;

		EXPECT(!systemd_getty_edit(slice(texts[i]), "lxc/", &out));
	}
}

static void expect_devices(const char *old, const char *prefix, const char *want)
{
	static const char *const devices[] = { "console", "tty1", NULL };
	auto_strbuf struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;

	securetty_edit(slice(old), prefix, devices, &once);
	EXPECT_TEXT(once.at, want);
	securetty_edit(strbuf_slice(&once), prefix, devices, &twice);
	EXPECT_TEXT(twice.at, want);
}

TEST("securetty gets each device that is no line of its own")
{
	expect_devices("", "", "\nconsole\ntty1\n");
	expect_devices("tty1", "", "tty1\nconsole\n");
	expect_devices("tty1\r\nconsole \t\n\n", "", "tty1\r\nconsole \t\n\n");
	expect_devices("tty11\n tty1\n#console\nconsole x\n", "",
		       "tty11\n tty1\n#console\nconsole x\nconsole\ntty1\n");
	expect_devices("tty1\nlxc/console\n", "lxc/", "tty1\nlxc/console\nlxc/tty1\n");
}

static bool is_dropped(struct slice line)
{
	return inittab_is_getty(line, "");
}

static void add_tty(struct strbuf *out, unsigned tty, struct guest_version version)
{
	(void)version;
	strbuf_addf(out, "%u:getty\n", tty);
}

static void expect_inittab(struct slice old, struct slice want)
{
	static const struct inittab_style style = { is_dropped, "", add_tty };
	auto_strbuf struct strbuf out = STRBUF_INIT;

	inittab_edit(old, &style, 1, (struct guest_version){ 0 }, &out);
	EXPECT(out.len == want.len && memcmp(out.at, want.at, want.len) == 0);
}

TEST("inittab keeps the bytes of lines that are no consoles of ours")
{
	expect_inittab(slice(""), slice("\n1:getty\n"));
	expect_inittab(slice("\n\n\n"), slice("\n1:getty\n"));
	expect_inittab(slice("a\n\n\nb\n\n"), slice("a\n\n\nb\n1:getty\n"));
	expect_inittab(slice("x\r\n1:2:respawn:/sbin/getty\r\ny"),
		       slice("x\r\ny\n1:getty\n"));
	expect_inittab(BYTES("a\0:\n1:2:x:\0getty\n\xff\n"),
		       BYTES("a\0:\n\xff\n1:getty\n"));
}

TEST("a console's line has a number, levels, an action and a getty")
{
	EXPECT(inittab_is_getty(slice(" \t1:2345:respawn:/sbin/getty 38400 tty1"), ""));
	EXPECT(inittab_is_getty(slice("12::once:agetty"), ""));
	EXPECT(inittab_is_getty(slice("1:2::getty"), ""));
	EXPECT(inittab_is_getty(slice("c3:2::getty"), "c"));
	EXPECT(!inittab_is_getty(slice("c3:2::getty"), ""));
	EXPECT(!inittab_is_getty(slice(":2::getty"), ""));
	EXPECT(!inittab_is_getty(slice("1:2S::getty"), ""));
	EXPECT(!inittab_is_getty(slice("1:2:getty"), ""));
	EXPECT(!inittab_is_getty(slice("#1:2:respawn:getty"), ""));
	EXPECT(!inittab_is_getty(slice("1:2:getty:login"), ""));
	EXPECT(!inittab_is_getty(slice(""), ""));
}
