/* The smaller pure functions of lib/guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/escape.h"
#include "base/own.h"
#include "guest/address.h"
#include "guest/cron.h"
#include "guest/facts.h"
#include "guest/osrelease.h"
#include "guest/passwd.h"
#include "guest/wants.h"
#include "test.h"

static void expect_id(const char *text, const char *want)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;

	EXPECT(osrelease_get(slice(text), "ID", &value));
	EXPECT_TEXT(value.at, want);
}

TEST("os-release values are read with their quotes, the last line holds")
{
	auto_strbuf struct strbuf none = STRBUF_INIT;

	expect_id("ID=debian\n", "debian");
	expect_id("ID=opensuse-leap\n", "opensuse");
	expect_id("  ID=\"a\\\"b\\n\\$\\x\" rest\n", "a\"b\n$\\x");
	expect_id("ID='a\\n\"b' x\n", "a\\n\"b");
	expect_id("ID=one\nID=two", "two");
	expect_id("ID=one\nID=\"open\n", "");
	EXPECT(!osrelease_get(slice("#ID=x\nID =y\nVERSION_ID=1\n"), "ID", &none));
}

TEST("control characters and broken UTF-8 are escaped, and only once")
{
	auto_strbuf struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct error err;

	text_escape(slice("a\x1b[0m\n\xc3\xa4\xff\xc0\xaf\xc2\x9b\xed\xa0\x80\\"), &once);
	EXPECT_TEXT(once.at,
		    "a\\x1b[0m\\x0a\xc3\xa4\\xff\\xc0\\xaf\\xc2\\x9b\\xed\\xa0\\x80\\");
	text_escape(strbuf_slice(&once), &twice);
	EXPECT_TEXT(twice.at, once.at);
	fail(&err, EPERM, "'%s'", "\r");
	error_escape(&err);
	EXPECT_TEXT(err.text, "'\\x0d': Operation not permitted");
}

TEST("a gateway needs a route when its network does not hold it")
{
	EXPECT(!needs_route("192.0.2.5/24", "192.0.2.1", AF_INET));
	EXPECT(needs_route("192.0.2.5/25", "192.0.2.129", AF_INET));
	EXPECT(needs_route("192.0.2.5/32", "192.0.2.1", AF_INET));
	EXPECT(!needs_route("192.0.2.5/32", "192.0.2.5", AF_INET));
	EXPECT(!needs_route("dhcp", "192.0.2.1", AF_INET));
	EXPECT(!needs_route(NULL, "192.0.2.1", AF_INET));
	EXPECT(!needs_route("2001:db8::5/64", "fe80::1", AF_INET6));
	EXPECT(!needs_route("2001:db8::5/64", "febf::1", AF_INET6));
	EXPECT(needs_route("2001:db8::5/64", "fec0::1", AF_INET6));
	EXPECT(needs_route("2001:db8::5/128", "2001:db8::1", AF_INET6));
	EXPECT(!needs_route("2001:db8:0:ff::5/57", "2001:db8:0:80::1", AF_INET6));
	EXPECT(needs_route("2001:db8:0:ff::5/57", "2001:db8:0:7f::1", AF_INET6));
}

TEST("addresses with prefixes out of range are none")
{
	auto_strbuf struct strbuf mask = STRBUF_INIT;
	struct cidr cidr;

	EXPECT(!cidr_parse("192.0.2.5/7", AF_INET, &cidr));
	EXPECT(!cidr_parse("192.0.2.5/33", AF_INET, &cidr));
	EXPECT(!cidr_parse("192.0.2.5", AF_INET, &cidr));
	EXPECT(!cidr_parse("192.0.2.5/", AF_INET, &cidr));
	EXPECT(!cidr_parse("192.0.2.5/24\n", AF_INET, &cidr));
	EXPECT(!cidr_parse("2001:db8::/129", AF_INET6, &cidr));
	EXPECT(!cidr_parse("2001:db8::/64", AF_INET, &cidr));
	EXPECT(cidr_parse("192.0.2.5/19", AF_INET, &cidr));
	netmask_format(&cidr, &mask);
	EXPECT_TEXT(mask.at, "255.255.224.0");
}

TEST("only numeric minutes of root's cron lines change")
{
	static const char old[] =
		"17 * * * * root x\n5 1 * * * user y\n*/5 * * * * root z\n"
		"25 6 * * * root  v\n 1 * * * * root s\n1 2 3 4 5 root \n"
		"1 2 3 4 5 roots x\n\n\n";
	auto_strbuf struct strbuf out = STRBUF_INIT;
	unsigned short state[3] = { 0x330e, 7, 0 };

	cron_edit(slice(old), state, &out);
	EXPECT_TEXT(out.at, "15 * * * * root x\n5 1 * * * user y\n*/5 * * * * root z\n"
			    "40 6 * * * root  v\n 1 * * * * root s\n1 2 3 4 5 root \n"
			    "1 2 3 4 5 roots x\n");
}

TEST("root's home is the sixth field of the first line of root")
{
	struct slice home = slice("?");

	EXPECT(passwd_home(slice("a:x:1:1::/a:\nroot:x:0:0:r:/r\nroot:x:0:0::/s:"), &home));
	EXPECT(slice_is(home, "/r"));
	EXPECT(passwd_home(slice("root:x:0:0:::/bin/sh"), &home));
	EXPECT(slice_is(home, ""));
	EXPECT(!passwd_home(slice("root:x:0:0:r"), &home));
	EXPECT(!passwd_home(slice("roots:x:0:0:r:/r:"), &home));
}

TEST("host DNS is the last search word and the first three valid servers")
{
	auto_guest_facts struct guest_facts facts = { 0 };

	facts_read_resolv(slice("search a.example b\n domain ignored\ndomain\tc.example\n"
				"nameserver nowhere\n  nameserver 192.0.2.1 # x\n"
				"nameserver fe80::1%eth0\nnameserver 2001:db8::1\n"
				"nameserver 192.0.2.4\n"),
			  &facts);
	EXPECT_TEXT(facts.search, "c.example");
	EXPECT_TEXT(facts.nameservers, "192.0.2.1 fe80::1 2001:db8::1");
	EXPECT(!facts_are_loopback(facts.nameservers));
	EXPECT(facts_are_loopback("127.0.0.53 ::1"));
	EXPECT(!facts_are_loopback(NULL));
}

TEST("facts of this host are collected without failing")
{
	auto_guest_facts struct guest_facts facts = { 0 };

	guest_facts_collect(&facts);
	EXPECT(facts.days > 19000);
	EXPECT(!facts.localtime || facts.localtime[0] == '/');
}

TEST("control characters in values of the configuration are refused, naming the key")
{
	static const struct {
		const char *key, *value;
	} bad[] = {
		{ "hostname", "a\nb" },
		{ "hostname", "" },
		{ "nameserver", "192.0.2.1\x1b" },
		{ "nameserver", "fe80::1%e/0" },
		{ "searchdomain", "a\x01" },
		{ "timezone", "/etc/shadow" },
		{ "timezone", "Europe/../x" },
	};
	const struct guest_facts facts = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_guest_wants struct guest_wants wants = { 0 };
		auto_config struct config *config = config_new(101);
		struct error err;

		config_set(config, bad[i].key, bad[i].value);
		EXPECT(guest_wants_read(config, &facts, &wants, &err) < 0);
		EXPECT(strncmp(err.text, bad[i].key, strlen(bad[i].key)) == 0);
	}
}
