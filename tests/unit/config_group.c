#include <stdio.h>

#include "base/own.h"
#include "config/schema.h"
#include "test.h"

TEST("a property string becomes a view, absent sub-keys included")
{
	auto_net struct net net = { 0 };
	struct error err;

	EXPECT(group_parse(
		       slice("name=eth0,bridge=vmbr0,tag=7,rate=1.5,link_down=yes,ip=dhcp"),
		       net_props, &net, &err) == 0);
	EXPECT_TEXT(net.name, "eth0");
	EXPECT_TEXT(net.bridge, "vmbr0");
	EXPECT_TEXT(net.ip, "dhcp");
	EXPECT(net.gw == NULL);
	EXPECT_INT(net.tag, 7);
	EXPECT_INT(net.mtu, -1);
	EXPECT_INT(net.link_down, 1);
	EXPECT_INT(net.firewall, -1);
	EXPECT(net.rate > 1.4 && net.rate < 1.6);
}

TEST("a bare value goes to the default key, wherever it stands")
{
	auto_mountpoint struct mountpoint mp = { 0 };
	struct error err;

	EXPECT(group_parse(slice("mp=/data,local:100/x.raw,size=8G,,"), mp_props, &mp,
			   &err) == 0);
	EXPECT_TEXT(mp.volume, "local:100/x.raw");
	EXPECT_TEXT(mp.mp, "/data");
	EXPECT_INT(mp.size, 8LL << 30);
	EXPECT_INT(mp.ro, 0);
	EXPECT_INT(mp.acl, -1);
	EXPECT_INT(mp.replicate, 1);
	EXPECT_INT(mp.keepattrs, 0);
}

TEST("defaults of a device are those of the schema")
{
	auto_device struct device device = { 0 };
	struct error err;

	EXPECT(group_parse(slice("/dev/ttyUSB0,deny-write=1"), dev_props, &device, &err) ==
	       0);
	EXPECT_TEXT(device.path, "/dev/ttyUSB0");
	EXPECT_TEXT(device.mode, "0660");
	EXPECT_INT(device.uid, 0);
	EXPECT_INT(device.deny_write, 1);
}

static void expect_refused(const struct prop *rows, const char *text, const char *want)
{
	struct net view = { .tag = 42 }; /* the largest of the views */
	struct error err = { 0 };

	EXPECT(group_parse(slice(text), rows, &view, &err) < 0);
	EXPECT_TEXT(err.text, want);
	EXPECT_INT(view.tag, 42);
}

TEST("a VLAN tag above 4094 is refused, naming the key and the limit")
{
	expect_refused(net_props, "name=eth0,tag=4095",
		       "tag: value must have a maximum value of 4094");
}

TEST("each wrong sub-key is refused in the words of the specification")
{
	expect_refused(net_props, "name=eth 0",
		       "name: value does not match the regex pattern");
	expect_refused(
		net_props, "name=eth0, bridge=x",
		" bridge: property is not defined in schema and the schema does not allow "
		"additional properties");
	expect_refused(
		net_props, "name=eth0,hwaddr=01:00:00:00:00:00",
		"hwaddr: invalid format - value does not look like a valid unicast MAC "
		"address");
	expect_refused(net_props, "name=eth0,type=tun",
		       "type: value 'tun' does not have a value in the enumeration 'veth'");
	expect_refused(net_props, "name=eth0,trunks=1;;2",
		       "trunks: value does not match the regex pattern");
	expect_refused(
		rootfs_props, "local:1,mp=/x",
		"mp: property is not defined in schema and the schema does not allow "
		"additional properties");
	expect_refused(
		rootfs_props, "local:1,size=8GB",
		"size: invalid format - value does not look like a valid disk size: 8GB");
	expect_refused(rootfs_props, "local:1,mountoptions=noexec;suid",
		       "mountoptions: value does not match the regex pattern");
	expect_refused(
		rootfs_props, "/a/../b",
		"volume: invalid format - /a/../b contains illegal character sequences");
	expect_refused(dev_props, "/dev/null,mode=660",
		       "mode: value does not match the regex "
		       "pattern");
	expect_refused(dev_props, "/dev/null,uid=-1",
		       "uid: value must have a minimum value of 0");
	expect_refused(dev_props, "/etc/passwd",
		       "path: invalid format - /etc/passwd is not a "
		       "valid device path");
	expect_refused(features_props, "mount=nfs!",
		       "mount: value does not match the regex "
		       "pattern");
	expect_refused(
		features_props, "NESTING=1",
		"NESTING: property is not defined in schema and the schema does not allow "
		"additional properties");
	expect_refused(net_props, "=x", "missing key in comma-separated list property");
	expect_refused(net_props, "", "name: property is missing and it is not optional");
	expect_refused(unused_props, "x",
		       "volume: invalid format - unable to parse volume ID 'x'");
}

TEST("several mount options are taken")
{
	auto_mountpoint struct mountpoint mp = { 0 };
	struct error err;

	EXPECT(group_parse(slice("local:1,mountoptions=discard;noatime"), rootfs_props, &mp,
			   &err) == 0);
	EXPECT_TEXT(mp.mountoptions, "discard;noatime");
}

TEST("a group prints its default key first, required ones next, the rest sorted")
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(group_with(slice("size=1536,ro=1,mp=/z,backup=1,volume=a1:x,acl=0"),
			  mp_props, NULL, NULL, &out, &err) == 0);
	EXPECT_TEXT(out.at, "a1:x,mp=/z,acl=0,backup=1,ro=1,size=1536");
}

static void expect_with(const char *text, const char *name, const char *value,
			const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;
	int failed = group_with(slice(text), net_props, name, value, &out, &err);

	EXPECT_TEXT(failed ? err.text : out.at, want);
}

TEST("one sub-key can be set, replaced or taken out, and the rest comes in order")
{
	expect_with("type=veth,name=eth0", "hwaddr", "BC:24:11:00:00:01",
		    "name=eth0,hwaddr=BC:24:11:00:00:01,type=veth");
	expect_with("name=eth0,tag=5", "tag", "6", "name=eth0,tag=6");
	expect_with("name=eth0,tag=5", "tag", NULL, "name=eth0");
	expect_with("tag=05,firewall=yes,name=eth0", NULL, NULL,
		    "name=eth0,firewall=1,tag=05");
}

TEST("setting a sub-key refuses what is wrong, in the text or in the value")
{
	expect_with("name=eth0", "tag", "x",
		    "tag: type check ('integer') failed - got 'x'");
	expect_with("name=eth0", "name", NULL,
		    "name: property is missing and it is not optional");
	expect_with("eth0", "tag", "5",
		    "value without key, but schema does not define a default key");
	expect_with(
		"name=eth0", "nosuch", "5",
		"nosuch: property is not defined in schema and the schema does not allow "
		"additional properties");
}

TEST("releasing a view twice does no harm")
{
	struct net net = { 0 };
	struct error err;

	EXPECT(group_parse(slice("name=eth0"), net_props, &net, &err) == 0);
	net_done(&net);
	net_done(&net);
	EXPECT(net.name == NULL);
}

TEST("one sub-key's text is found as typed, or not at all")
{
	auto_free char *value = NULL, *none = NULL;
	struct error err;

	EXPECT_INT(group_value(slice("name=eth0,link_down=on"), net_props, "link_down",
			       &value, &err),
		   0);
	EXPECT_TEXT(value, "on");
	EXPECT_INT(group_value(slice("name=eth0"), net_props, "tag", &none, &err), 0);
	EXPECT(!none);
	EXPECT(group_value(slice("name=eth0,tag=x"), net_props, "name", &none, &err) < 0);
	EXPECT(!none);
}
