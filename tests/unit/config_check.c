#include <string.h>

#include "config/schema.h"
#include "test.h"

/* What the command line says about one option, as lines. */
static void expect_problems(const char *key, const char *value, const char *want)
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	const struct prop *row = prop_find(container_props, slice(key));

	EXPECT(row != NULL);
	EXPECT(prop_check(row, key, slice(value), &problems, NULL) == (want[0] ? -1 : 0));
	problems_format(&problems, &text);
	EXPECT_TEXT(text.at, want);
}

static void expect_normal(const char *key, const char *value, const char *want)
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	const struct prop *row = prop_find(container_props, slice(key));

	EXPECT(prop_check(row, key, slice(value), &problems, &normal) == 0);
	EXPECT_TEXT(normal.at, want);
}

TEST("a number that is none is a type error naming what was given")
{
	expect_problems("swap", "x", "swap: type check ('integer') failed - got 'x'\n");
	expect_problems("memory", "", "memory: type check ('integer') failed - got ''\n");
	expect_problems("cpulimit", "1.",
			"cpulimit: type check ('number') failed - got '1.'\n");
	expect_problems("onboot", "maybe",
			"onboot: type check ('boolean') failed - got 'maybe'\n");
}

TEST("numbers outside their range are refused with the limit")
{
	expect_problems("memory", "15", "memory: value must have a minimum value of 16\n");
	expect_problems("swap", "-1", "swap: value must have a minimum value of 0\n");
	expect_problems("cpulimit", "8193",
			"cpulimit: value must have a maximum value of 8192\n");
	expect_problems("cpuunits", "500001",
			"cpuunits: value must have a maximum value of 500000\n");
	expect_problems("cpulimit", "-0.5",
			"cpulimit: value must have a minimum value of 0\n");
	expect_problems("cores", "99999999999999999999",
			"cores: value must have a maximum value of 8192\n");
	expect_problems("memory", "-99999999999999999999",
			"memory: value must have a minimum value of 16\n");
	expect_problems("memory", "16", "");
	expect_problems("cpulimit", "0.5", "");
}

TEST("a word that is no choice is refused with the choices in schema order")
{
	expect_problems(
		"arch", "mips",
		"arch: value 'mips' does not have a value in the enumeration 'amd64, "
		"i386, arm64, armhf, riscv32, riscv64'\n");
	expect_problems(
		"lock", "foo",
		"lock: value 'foo' does not have a value in the enumeration 'backup, "
		"create, destroyed, disk, fstrim, migrate, mounted, rollback, snapshot, "
		"snapshot-delete'\n");
}

TEST("a bad format gives its reason and an empty line")
{
	expect_problems("hostname", "a_b",
			"hostname: invalid format - value does not look like "
			"a valid DNS name\n\n");
	expect_problems("tags", "a;bad!tag",
			"tags: invalid format - invalid characters in tag\n\n");
	expect_problems("startup", "order=x",
			"startup: invalid format - unable to parse startup options\n\n");
	expect_problems("timezone", "../x",
			"timezone: invalid format - invalid time zone '../x'\n\n");
}

TEST("lists are checked item by item and may be empty")
{
	expect_problems("nameserver", "1.1.1.1 fe80::1%eth0,::1;8.8.8.8", "");
	expect_problems("searchdomain", "a.b,c.d", "");
	expect_problems("tags", "", "");
	expect_problems("nameserver", "1.1.1.1 x",
			"nameserver: invalid format - value does not look like a valid IP "
			"address\n\n");
}

TEST("a text that is too long is refused with its limit")
{
	char name[300];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	expect_problems("hostname", name,
			"hostname: value may only be 255 characters long\n");
}

TEST("lengths count characters of UTF-8, not bytes")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (unsigned i = 0; i < 8192; i++)
		strbuf_adds(&text, "\xc3\xa9");
	expect_problems("description", text.at, "");
	strbuf_addc(&text, 'x');
	expect_problems("description", text.at,
			"description: value may only be 8192 characters long\n");
}

TEST("control characters are refused where a line is made of the value")
{
	expect_problems("entrypoint", "/bin/sh\n-c",
			"entrypoint: value does not match the regex pattern\n");
	expect_problems("entrypoint", "/bin/sh\t-c 'x'", "");
	expect_problems("env", "A=b", "");
	expect_problems("env", "A=b\nC_1=d e,f;g", "");
	expect_problems("env", "A=b\nbad", "env: value does not match the regex pattern\n");
	expect_problems("env", "A=b\x01", "env: value does not match the regex pattern\n");
	expect_problems("env", "=b", "env: value does not match the regex pattern\n");
}

TEST("a bad property string gives one line per sub-key, sorted, and an empty line")
{
	expect_problems("net0", "bridge=x",
			"net0: invalid format - format error\n"
			"net0.name: property is missing and it is not optional\n\n");
	expect_problems(
		"net0", "name=eth0,tag=4095,foo=1,mtu=63",
		"net0: invalid format - format error\n"
		"net0.foo: property is not defined in schema and the schema does not allow "
		"additional properties\n"
		"net0.mtu: value must have a minimum value of 64\n"
		"net0.tag: value must have a maximum value of 4094\n\n");
	expect_problems("mp3", "size=1",
			"mp3: invalid format - format error\n"
			"mp3.mp: property is missing and it is not optional\n"
			"mp3.volume: property is missing and it is not optional\n\n");
}

TEST("a property string that cannot be cut gives the reason alone")
{
	expect_problems(
		"net0", "name=eth0,name=eth1",
		"net0: invalid format - duplicate key in comma-separated list property: "
		"name\n\n");
	expect_problems("net0", "eth0",
			"net0: invalid format - value without key, but schema does "
			"not define a default key\n\n");
	expect_problems("features", "nesting=",
			"features: invalid format - missing key in "
			"comma-separated list property\n\n");
	expect_problems(
		"rootfs", "local:8,local:9",
		"rootfs: invalid format - duplicate key in comma-separated list property: "
		"volume\n\n");
}

TEST("a text with a NUL byte is refused, also inside a property string")
{
	auto_problems struct problems problems = { 0 };
	const struct prop *row = prop_find(container_props, slice("net0"));

	EXPECT(prop_check(row, "net0", slice_of("name=e\0x", 8), &problems, NULL) < 0);
	EXPECT_TEXT(problems.at[1].text, "type check ('string') failed - got 'e'\n");
}

TEST("problems of several options come sorted by name")
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	problems_add(&problems, "net0.name", "missing");
	problems_add(&problems, "net0", "error");
	problems_add(&problems, "arch", "%s", "wrong");
	problems_format(&problems, &text);
	EXPECT_TEXT(text.at, "arch: wrong\nnet0: error\nnet0.name: missing\n");
}

TEST("stored values have one form for booleans and integers, all else stays as typed")
{
	expect_normal("onboot", "Yes", "1");
	expect_normal("onboot", "off", "0");
	expect_normal("memory", "0512", "512");
	expect_normal("swap", "+5", "5");
	expect_normal("swap", "000", "0");
	expect_normal("cpulimit", "1.50", "1.50");
	expect_normal("tags", "b;a", "b;a");
	expect_normal("features", "nesting=yes", "nesting=yes");
}

static void expect_weak(const char *key, const char *value, const char *want_normal,
			const char *want_reason)
{
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	const struct prop *row = prop_find(container_props, slice(key));
	struct error err = { 0 };
	int failed = prop_check_weak(row, slice(value), &normal, &err);

	EXPECT_INT(failed, want_reason ? -1 : 0);
	EXPECT_TEXT(normal.at, want_normal);
	if (want_reason)
		EXPECT_TEXT(err.text, want_reason);
}

TEST("the reader does not look at ranges, choices, patterns and lengths")
{
	expect_weak("memory", "0005", "5", NULL);
	expect_weak("arch", "mips", "mips", NULL);
	expect_weak("cpulimit", "99999.5", "99999.5", NULL);
	expect_weak("entrypoint", "a\x01", "a\x01", NULL);
	expect_weak("console", "TRUE", "1", NULL);
}

TEST("the reader looks at types, formats and whole property strings")
{
	expect_weak("memory", "-5", "", "type check ('integer') failed - got '-5'");
	expect_weak("cpulimit", "+1", "", "type check ('number') failed - got '+1'");
	expect_weak("onboot", "maybe", "", "type check ('boolean') failed - got 'maybe'");
	expect_weak("tags", "bad!tag", "", "invalid characters in tag");
	expect_weak("hookscript", "x", "", "unable to parse volume ID 'x'");
	expect_weak("net0", "bridge=x", "",
		    "format error\nname: property is missing and it is not optional");
	expect_weak(
		"net0", "name=e,ip=x", "",
		"format error\nip: invalid format - value does not look like a valid ipv4 "
		"network configuration");
	expect_weak("mp0", "x:1", "",
		    "format error\nmp: property is missing and it is not "
		    "optional");
	expect_weak("net0", "eth0", "",
		    "value without key, but schema does not define a default key");
}
