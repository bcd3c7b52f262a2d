#include "config/raw.h"

#include "test.h"

static void expect_raw(const char *key, enum raw_verdict want, const char *want_note)
{
	auto_strbuf struct strbuf note = STRBUF_INIT;

	EXPECT_INT(raw_check(slice(key), &note), want);
	EXPECT_TEXT(note.at, want_note);
}

TEST("keys that LXC has and that do no harm here are accepted")
{
	expect_raw("lxc.mount.entry", RAW_ACCEPTED, "");
	expect_raw("lxc.cgroup2.devices.allow", RAW_ACCEPTED, "");
	expect_raw("lxc.net.0.type", RAW_ACCEPTED, "");
	expect_raw("lxc.prlimit.nofile", RAW_ACCEPTED, "");
	expect_raw("lxc.sysctl.kernel.shm_rmid_forced", RAW_ACCEPTED, "");
	expect_raw("lxc.environment.runtime", RAW_ACCEPTED, "");
}

TEST("old names are accepted, with a note about the new ones")
{
	expect_raw("lxc.utsname", RAW_WARNED, "was renamed to lxc.uts.name");
	expect_raw("lxc.network.ipv4", RAW_WARNED,
		   "was renamed to lxc.net.INDEX.ipv4.address");
	expect_raw("lxc.limit.nofile", RAW_WARNED,
		   "lxc.limit.* was renamed to lxc.prlimit.*");
	expect_raw("lxc.cgroup.cpu.shares", RAW_WARNED,
		   "lxc.cgroup.* is deprecated, use lxc.cgroup2.*");
}

TEST("keys that come from elsewhere are refused, others are unknown")
{
	expect_raw("lxc.rootfs.path", RAW_REFUSED,
		   "cannot be set here, it is made from the key rootfs");
	expect_raw("lxc.rootfs.options", RAW_REFUSED,
		   "cannot be set here, use the sub-key mountoptions of rootfs");
	expect_raw("lxc.bogus", RAW_UNKNOWN, "");
	expect_raw("lxc.sysctl.net.core.somaxconn", RAW_UNKNOWN, "");
	expect_raw("lxc.mount.entryx", RAW_UNKNOWN, "");
}

TEST("the name that LXC knows today is found")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	raw_current_name(slice("lxc.tty"), &text);
	strbuf_addc(&text, ' ');
	raw_current_name(slice("lxc.limit.as"), &text);
	strbuf_addc(&text, ' ');
	raw_current_name(slice("lxc.cap.drop"), &text);
	EXPECT_TEXT(text.at, "lxc.tty.max lxc.prlimit.as lxc.cap.drop");
}
