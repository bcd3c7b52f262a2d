/* The pure text functions of guests of the Red Hat and SUSE families, on odd input. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "guest/centos6.h"
#include "guest/hostname.h"
#include "guest/ifcfg.h"
#include "guest/keyfile.h"
#include "guest/release.h"
#include "guest/suse.h"
#include "guest/type.h"
#include "guest/units.h"
#include "guest/uuid.h"
#include "test.h"

#define TEXT_MAX (1 << 20)

static void expect_enabled(const char *old, const char *want)
{
	auto_strbuf struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;

	ifcfg_enable(slice(old), "NETWORKING", &once);
	EXPECT_TEXT(once.at, want);
	ifcfg_enable(strbuf_slice(&once), "NETWORKING", &twice);
	EXPECT_TEXT(twice.at, want);
}

TEST("a switch of sysconfig/network is set where it first has a value, else at the end")
{
	expect_enabled("", "NETWORKING=yes\n");
	expect_enabled("\n", "\nNETWORKING=yes\n");
	expect_enabled("A=1", "A=1\nNETWORKING=yes\n");
	expect_enabled("NETWORKING=no", "NETWORKING=yes");
	expect_enabled("NETWORKING=no\r\nA=1\r\n", "NETWORKING=yes\r\nA=1\r\n");
	expect_enabled("NETWORKING=\r\n", "NETWORKING=\r\nNETWORKING=yes\n");
	expect_enabled("NETWORKING= no\n", "NETWORKING= no\nNETWORKING=yes\n");
	expect_enabled("NETWORKING=\"a b\"\n", "NETWORKING=yes b\"\n");
	expect_enabled("NETWORKING_IPV6=no\n", "NETWORKING_IPV6=no\nNETWORKING=yes\n");
	expect_enabled("NETWORKING", "NETWORKING\nNETWORKING=yes\n");
	expect_enabled("NETWORKING=", "NETWORKING=\nNETWORKING=yes\n");
	expect_enabled("XNETWORKING=\x1b[0m\n", "XNETWORKING=yes\n");
	expect_enabled("NETWORKING=NETWORKING=no\n", "NETWORKING=yes\n");
}

static void expect_named(const char *old, const char *want)
{
	auto_strbuf struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;

	hostname_edit_sysconfig(slice(old), "h.example", &once);
	EXPECT_TEXT(once.at, want);
	hostname_edit_sysconfig(strbuf_slice(&once), "h.example", &twice);
	EXPECT_TEXT(twice.at, want);
}

/* As ^HOSTNAME=[ \t]*\S+[ \t]*$ has it: a CR is neither a blank nor part of a word. */
TEST("the host name takes the place of the first line that has one word, or goes to the end")
{
	expect_named("", "HOSTNAME=h.example\n");
	expect_named("HOSTNAME=old\nA=1\nHOSTNAME=b\n",
		     "HOSTNAME=h.example\nA=1\nHOSTNAME=b\n");
	expect_named("HOSTNAME=\t old \t\n", "HOSTNAME=h.example\n");
	expect_named("A=1", "A=1\nHOSTNAME=h.example\n");
	expect_named("HOSTNAME=\n", "HOSTNAME=\nHOSTNAME=h.example\n");
	expect_named("HOSTNAME=a b\n", "HOSTNAME=a b\nHOSTNAME=h.example\n");
	expect_named(" HOSTNAME=a\n", " HOSTNAME=a\nHOSTNAME=h.example\n");
	expect_named("HOSTNAME=old\r\n", "HOSTNAME=old\r\nHOSTNAME=h.example\n");
	expect_named("HOSTNAME=a\rb\n", "HOSTNAME=a\rb\nHOSTNAME=h.example\n");
	expect_named("HOSTNAME=\r\n", "HOSTNAME=\r\nHOSTNAME=h.example\n");
}

TEST("a switch is set behind NUL bytes, which stay")
{
	static const char old[] = "A=\0\nNETWORKING=n\0o\nB=1",
			  want[] = "A=\0\nNETWORKING=yes\nB=1";
	auto_strbuf struct strbuf out = STRBUF_INIT;

	ifcfg_enable(slice_of(old, sizeof(old) - 1), "NETWORKING", &out);
	EXPECT(out.len == sizeof(want) - 1 && memcmp(out.at, want, out.len) == 0);
}

TEST("a megabyte of switches without a value ends with one that has it")
{
	static const char name[] = "NETWORKING=", line[] = "NETWORKING=yes\n";
	auto_strbuf struct strbuf old = STRBUF_INIT, out = STRBUF_INIT;

	while (old.len < TEXT_MAX)
		strbuf_addf(&old, "%s\n", name);
	ifcfg_enable(strbuf_slice(&old), "NETWORKING", &out);
	EXPECT(out.len == old.len + strlen(line));
	EXPECT(memcmp(out.at, old.at, old.len) == 0);
	EXPECT_TEXT(out.at + old.len, line);
}

/* want NULL: there is nothing to change. */
static void expect_edit(bool (*edit)(struct slice old, struct strbuf *out), const char *old,
			const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT, again = STRBUF_INIT;

	EXPECT(edit(slice(old), &out) == (want != NULL));
	if (!want)
		return;
	EXPECT_TEXT(out.at, want);
	EXPECT(!edit(strbuf_slice(&out), &again));
}

TEST("each mingetty of an upstart job is told once not to hang up")
{
	expect_edit(centos6_tty_edit, "", NULL);
	expect_edit(centos6_tty_edit, "exec /sbin/mingetty",
		    "exec /sbin/mingetty --nohangup");
	expect_edit(centos6_tty_edit, "exec /sbin/mingetty tty1\r\n",
		    "exec /sbin/mingetty --nohangup tty1\r\n");
	expect_edit(centos6_tty_edit,
		    "a\n\nexec /sbin/mingetty\tx\nexec /sbin/mingetty y\n\n",
		    "a\n\nexec /sbin/mingetty --nohangup\tx\n"
		    "exec /sbin/mingetty --nohangup y\n\n");
	expect_edit(centos6_tty_edit, "exec /sbin/mingetty x --nohangup\n", NULL);
	expect_edit(centos6_tty_edit, " exec /sbin/mingetty x\nexec /sbin/mingetty2\n",
		    NULL);
}

TEST("each start of udev at the start of a line becomes a comment")
{
	expect_edit(centos6_sysinit_edit, "", NULL);
	expect_edit(centos6_sysinit_edit, "\n\n", NULL);
	expect_edit(centos6_sysinit_edit, "x /sbin/start_udev\n #/sbin/start_udev\n", NULL);
	expect_edit(centos6_sysinit_edit, "/sbin/start_udev", "#/sbin/start_udev");
	expect_edit(centos6_sysinit_edit, "/sbin/start_udev\r\na\n/sbin/start_udevx\n\n",
		    "#/sbin/start_udev\r\na\n#/sbin/start_udevx\n\n");
}

static bool edit_old_getty(struct slice old, struct strbuf *out)
{
	return units_getty_edit(old, false, out);
}

static bool edit_getty(struct slice old, struct strbuf *out)
{
	return units_getty_edit(old, true, out);
}

TEST("only a line that is exactly the condition of getty@.service changes")
{
	expect_edit(edit_old_getty, "", NULL);
	expect_edit(edit_old_getty, "ConditionPathExists=/dev/tty0\r\n", NULL);
	expect_edit(edit_old_getty, "#ConditionPathExists=/dev/tty0\n", NULL);
	expect_edit(edit_old_getty, "ConditionPathExists=/dev/tty\n", NULL);
	expect_edit(edit_old_getty, "\x01\nConditionPathExists=/dev/tty0\nx",
		    "\x01\nConditionPathExists=/dev/tty\nx");
	expect_edit(edit_getty, "ConditionPathExists=/dev/tty",
		    "ConditionPathExists=/dev/tty0");
	expect_edit(edit_getty, "ConditionPathExists=/dev/tty0\n", NULL);
}

static void expect_release(const char *text, unsigned major, unsigned minor,
			   const char *rest_want)
{
	struct guest_version version = { 0 };
	struct slice rest = slice(text);
	auto_free char *left = NULL;

	EXPECT(release_take(&rest, &version));
	left = slice_dup(rest);
	EXPECT_INT(version.major, major);
	EXPECT_INT(version.minor, minor);
	EXPECT_TEXT(left, rest_want);
}

TEST("a version is one number or two, and what follows is left")
{
	struct guest_version version;
	struct slice text = slice("99999999999999999999");

	EXPECT(!release_take(&text, &version));
	text = slice(".5");
	EXPECT(!release_take(&text, &version));
	text = slice("");
	EXPECT(!release_take(&text, &version));
	expect_release("7.9.2009 (Core)", 7, 9, ".2009 (Core)");
	expect_release("10", 10, 0, "");
	expect_release("8.", 8, 0, ".");
	expect_release("8.99999999999999999999", 8, 0, ".99999999999999999999");
	expect_release("20240131", 20240131, 0, "");
	expect_release("24.03\x1b", 24, 3, "\x1b");
}

TEST("a seed gives the same UUIDs each time, the kernel gives new ones")
{
	char one[UUID_LEN + 1], two[UUID_LEN + 1], three[UUID_LEN + 1];
	struct uuid_source source;

	uuid_init(&source, 7);
	uuid_next(&source, one);
	uuid_next(&source, two);
	uuid_init(&source, 7);
	uuid_next(&source, three);
	EXPECT(strcmp(one, two) != 0);
	EXPECT_TEXT(three, one);
	uuid_init(&source, 0);
	uuid_next(&source, one);
	uuid_init(&source, 0);
	uuid_next(&source, two);
	EXPECT(strcmp(one, two) != 0);
}

TEST("a UUID has the form of version 4, in lower case")
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
	char uuid[UUID_LEN + 1];
	struct uuid_source source;

	for (uint64_t seed = 0; seed < 20; seed++) {
		uuid_init(&source, seed);
		uuid_next(&source, uuid);
		EXPECT_INT(strlen(uuid), strlen(form));
		for (size_t i = 0; form[i]; i++) {
			if (form[i] == 'x')
				EXPECT(uuid[i] && strchr("0123456789abcdef", uuid[i]));
			else if (form[i] == 'v')
				EXPECT(uuid[i] && strchr("89ab", uuid[i]));
			else
				EXPECT(uuid[i] == form[i]);
		}
	}
}

TEST("an interface of the longest name and all that it can have gets whole files")
{
	static char name[] = "abcdefghijklmno", ip[] = "192.0.2.255/8",
		    gw[] = "203.0.113.1", ip6[] = "2001:db8::5/64", gw6[] = "2001:db8:f::1",
		    *none[] = { NULL };
	const struct guest_nic nic = { name, ip, gw, ip6, gw6 };
	const struct guest_wants wants = { .search = none, .nameservers = none };
	auto_strbuf struct strbuf ifcfg = STRBUF_INIT, route = STRBUF_INIT,
				  suse = STRBUF_INIT, suse_route = STRBUF_INIT,
				  keyfile = STRBUF_INIT;

	EXPECT(ifcfg_format(&nic, &wants, "U", &ifcfg));
	EXPECT_TEXT(ifcfg.at, "DEVICE=abcdefghijklmno\nONBOOT=yes\nUUID=U\nBOOTPROTO=none\n"
			      "IPADDR=192.0.2.255\nNETMASK=255.0.0.0\nGATEWAY=203.0.113.1\n"
			      "IPV6INIT=yes\nIPV6ADDR=2001:db8::5/64\nIPV6_AUTOCONF=no\n");
	ifcfg_format_routes(&nic, AF_INET6, &route);
	EXPECT_TEXT(route.at, "2001:db8:f::1 dev abcdefghijklmno\n"
			      "default via 2001:db8:f::1 dev abcdefghijklmno\n");
	suse_format(&nic, &suse);
	EXPECT_TEXT(suse.at, "STARTMODE=onboot\nBOOTPROTO=static\n"
			     "IPADDR_1=192.0.2.255/8\nIPADDR_2=2001:db8::5/64\n");
	suse_format_routes(&nic, &suse_route);
	EXPECT_TEXT(suse_route.at, "203.0.113.1 0.0.0.0 255.255.255.255 abcdefghijklmno\n"
				   "default 203.0.113.1 0.0.0.0 abcdefghijklmno\n"
				   "2001:db8:f::1/128 - - abcdefghijklmno\n"
				   "default 2001:db8:f::1 - abcdefghijklmno\n");
	keyfile_format(&nic, &wants, "u", &keyfile);
	EXPECT_TEXT(keyfile.at, "[connection]\nid=abcdefghijklmno\nuuid=u\ntype=ethernet\n"
				"interface-name=abcdefghijklmno\n[ipv4]\nmethod=manual\n"
				"addresses=192.0.2.255/8\ngateway=203.0.113.1\n"
				"routes=203.0.113.1\n[ipv6]\nmethod=manual\n"
				"address=2001:db8::5/64\nroutes=2001:db8:f::1\n");
}

TEST("no interface without addresses and DNS gets an ifcfg file")
{
	static char name[] = "eth0", gw[] = "192.0.2.1", manual[] = "manual",
		    *none[] = { NULL };
	const struct guest_nic nic = { name, manual, gw, NULL, NULL };
	const struct guest_wants wants = { .search = none, .nameservers = none };
	auto_strbuf struct strbuf out = STRBUF_INIT;

	EXPECT(!ifcfg_format(&nic, &wants, "U", &out));
	EXPECT_TEXT(out.at, "");
}

/* The texts name "lxc/ttyN", which is there only where LXC makes that directory. */
TEST("no guest with consoles in a directory has an LXC include that takes it away")
{
	unsigned seen = 0;

	for (const struct guest_type *const *type = guest_types; *type; type++) {
		auto_free char *path = xasprintf("conf/lxc/%s.common.conf", (*type)->name);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error err;

		if (!((*type)->flags & GUEST_TTY_DIR) ||
		    read_file(AT_FDCWD, path, TEXT_MAX, &text, &err) < 0)
			continue;
		seen++;
		if (strstr(text.at, "lxc.tty.dir"))
			EXPECT_TEXT(path, "an include without lxc.tty.dir");
	}
	EXPECT(seen >= 3);
}
