#include "config/format.h"

#include <stdio.h>

#include "test.h"

#define MAX 12

/* A format, what it takes, what it refuses, and its reason for the first of those. */
static const struct sample {
	const struct prop_format *format;
	const char *good[MAX], *bad[MAX], *reason;
} samples[] = {
	{ &format_dns_name,
	  { "www", "a-b.example.org", "1a", "A.b" },
	  { "a_b", "", "-a", "a-", "a..b", ".a", "a.", "a b", "a/b" },
	  "value does not look like a valid DNS name" },
	{ &format_nameserver,
	  { "10.0.0.1", "fd00::1", "::", "::ffff:1.2.3.4", "fe80::1", "fe80::1%eth0",
	    "FE80::1%vmbr0.5" },
	  { "fd00::1%eth0", "fe80::1%", "10.0.0.1%eth0", "fe80::1%a b", "fe80::1%a/b",
	    "10.0.0.256", "10.0.0", "x", "", "01.2.3.4" },
	  "value does not look like a valid IP address" },
	{ &format_ipv4,
	  { "10.0.0.1" },
	  { "fd00::1", "10.0.0.1/8", "dhcp" },
	  "value does not look like a valid IPv4 address" },
	{ &format_ipv6,
	  { "fd00::1" },
	  { "10.0.0.1", "fd00::1/64" },
	  "value does not look like a valid IPv6 address" },
	{ &format_ipv4_config,
	  { "10.0.0.1/24", "dhcp", "manual", "10.0.0.1/8", "10.0.0.1/32" },
	  { "10.0.0.1", "10.0.0.1/7", "10.0.0.1/33", "auto", "10.0.0.1/024", "10.0.0.1/",
	    "DHCP", "" },
	  "value does not look like a valid ipv4 network configuration" },
	{ &format_ipv6_config,
	  { "fd00::1/64", "auto", "dhcp", "manual", "::1/128", "fd00::1/8" },
	  { "fd00::1", "fd00::1/129", "fd00::1/7", "10.0.0.1/24" },
	  "value does not look like a valid ipv6 network configuration" },
	{ &format_unicast_mac,
	  { "BC:24:11:00:00:01", "02:aa:bb:cc:dd:ee", "fe:FF:ff:ff:ff:ff" },
	  { "BD:24:11:00:00:01", "BC:24:11:00:00", "BC-24-11-00-00-01", "",
	    "BC:24:11:00:00:01:02", "BC:24:11:00:00:0g", "BC:24:11:00:00:1" },
	  "value does not look like a valid unicast MAC address" },
	{ &format_mac_prefix,
	  { "BC:24:11", "02", "02:01:02:03:04" },
	  { "03", "", "BC:", "BC:24:11:00:00:01" },
	  "value does not look like a valid unicast MAC address prefix" },
	{ &format_tag,
	  { "web", "_x", "a.b-c+d_e", "1", "Web" },
	  { "bad!tag", "-a", "", "+a" },
	  "invalid characters in tag" },
	{ &format_timezone,
	  { "host", "UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+1" },
	  { "../etc/passwd", "/etc/localtime", "Europe/", "", "a//b", "a b", "a/../b" },
	  "invalid time zone '../etc/passwd'" },
	{ &format_startup,
	  { "1", "order=1", "order=1,up=10,down=20", "down=5", "up=1,7" },
	  { "order=x", "", "order=1,2", "up=", "order=1,", "sideways=1", "up=-1",
	    "order=1, up=2" },
	  "unable to parse startup options" },
	{ &format_mount_path,
	  { "/mnt/data", "local:100/x.raw", "data", "/a..b", "/.hidden", "./x" },
	  { "/a/../b", "../x", "/a/.", "/a/..", "/a/./b", "..", "/a\nb" },
	  "/a/../b contains illegal character sequences" },
	{ &format_device_path,
	  { "/dev/ttyUSB0", "/dev/bus/usb/001/002" },
	  { "/dev/../etc/passwd", "/devel", "/dev/", "dev/null", "/dev/./null", "",
	    "/dev/a\nb" },
	  "/dev/../etc/passwd is not a valid device path" },
	{ &format_idmap,
	  { "passthrough", "u:0:1000:1", "u:0:1000:1;g:0:1000:1" },
	  { "u:0:1000:0", "x:0:0:1", "", "u:0:0", "u:0:0:1;", "u:0:0:1:2", "u:-1:0:1",
	    "u:0:4294967296:1" },
	  "invalid id map entry 'u:0:1000:0'" },
	{ &format_volume_id,
	  { "local:snippets/x.pl" },
	  { "garbage", "local:", "/x", "local:a\nb" },
	  "unable to parse volume ID 'garbage'" },
	{ &format_storage_id,
	  { "local", "a1" },
	  { "x", "a!b", "1a" },
	  "storage ID 'x' cannot be shorter than 2 characters" },
	{ &format_vmid,
	  { "100", "999999999" },
	  { "99", "1000000000", "0100", "abc", "", "-100", "100 " },
	  "value does not look like a valid VM ID" },
	{ &format_config_id,
	  { "net0", "aa", "A-b_c" },
	  { "x", "9x", "_a", "", "a.b" },
	  "invalid configuration ID 'x'" },
};

static void expect_verdict(const struct prop_format *format, const char *value, bool want)
{
	auto_strbuf struct strbuf reason = STRBUF_INIT;
	bool got = format->check(slice(value), &reason);

	if (got != want)
		printf("# %s: '%s'\n", format->name, value);
	EXPECT(got == want);
	EXPECT(want == (reason.len == 0));
}

TEST("every format takes what is right and refuses what is not, with a reason")
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		for (size_t j = 0; j < MAX && samples[i].good[j]; j++)
			expect_verdict(samples[i].format, samples[i].good[j], true);
		for (size_t j = 0; j < MAX && samples[i].bad[j]; j++)
			expect_verdict(samples[i].format, samples[i].bad[j], false);
	}
}

TEST("the reasons are those of the specification")
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		auto_strbuf struct strbuf reason = STRBUF_INIT;

		samples[i].format->check(slice(samples[i].bad[0]), &reason);
		EXPECT_TEXT(reason.at, samples[i].reason);
	}
}

TEST("a NUL byte is in no valid value")
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		auto_strbuf struct strbuf value = STRBUF_INIT, reason = STRBUF_INIT;

		if (samples[i].format == &format_mount_path ||
		    samples[i].format == &format_device_path ||
		    samples[i].format == &format_volume_id)
			continue; /* free text, which comes as C string */
		strbuf_adds(&value, samples[i].good[0]);
		strbuf_addc(&value, '\0');
		EXPECT(!samples[i].format->check(strbuf_slice(&value), &reason));
	}
}
