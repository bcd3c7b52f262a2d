/* Real interfaces, in a network namespace of each test's own. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "net/link.h"
#include "net/net.h"
#include "network.h"

static bool ip(const char *words)
{
	auto_free char *command = xasprintf("ip %s", words);

	return shell(command);
}

static struct link look(const char *name)
{
	struct error err;
	auto_link struct link_socket *socket = link_open(&err);
	struct link link = { 0 };

	if (socket)
		EXPECT_INT(link_find(socket, name, &link, &err), 0);
	return link;
}

static int plug(int link_down, struct net_plan *plan, struct error *err)
{
	char bridge[] = "tbr-m0";
	struct net net = { .bridge = bridge,
			   .mtu = -1,
			   .tag = -1,
			   .rate = -1,
			   .firewall = -1,
			   .link_down = link_down };
	struct bridge_facts facts;

	if (net_bridge_facts(bridge, &facts, err) < 0 ||
	    net_plan_plug(9200, 0, &net, &facts, plan, NULL, err) < 0)
		return -1;
	return net_apply(plan, err);
}

TEST("facts tell a bridge from a missing and another interface, and its MTU")
{
	struct bridge_facts facts;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 mtu 1400 type bridge"))
		return;
	EXPECT_INT(net_bridge_facts("tbr-m0", &facts, &err), 0);
	EXPECT(facts.exists && facts.is_bridge && !facts.vlan_aware && !facts.is_ovs);
	EXPECT_INT(facts.mtu, 1400);
	EXPECT_INT(net_bridge_facts("lo", &facts, &err), 0);
	EXPECT(facts.exists && !facts.is_bridge);
	EXPECT_INT(net_bridge_facts("nothing", &facts, &err), 0);
	EXPECT(!facts.exists);
	EXPECT_INT(net_bridge_facts("a-name-that-is-far-too-long", &facts, &err), 0);
	EXPECT(!facts.exists);
}

TEST("a plugged interface is up, marked, in its bridge, without IPv6, with its MTU")
{
	auto_strbuf struct strbuf value = STRBUF_INIT;
	struct net_plan plan;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 mtu 1400 type bridge") ||
	    !ip("link set tbr-m0 up") ||
	    !ip("link add veth9200i0 type veth peer name vethpeer"))
		return;
	EXPECT_INT(plug(0, &plan, &err), 0);
	EXPECT(ip("link show dev veth9200i0 up master tbr-m0 | grep -q 'mtu "
		  "1400.*LOWER\\|mtu 1400'"));
	EXPECT_TEXT(look("veth9200i0").alias, "pct:/var/lib/lxc/9200");
	EXPECT_INT(look("veth9200i0").mtu, 1400);
	EXPECT_TEXT(look("veth9200i0").kind, "veth");
	if (read_file(AT_FDCWD, "/proc/sys/net/ipv6/conf/veth9200i0/disable_ipv6", 16,
		      &value, &err) == 0)
		EXPECT_TEXT(value.at, "1\n");
}

TEST("link_down leaves the interface down and out of every bridge")
{
	struct net_plan plan;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 type bridge") ||
	    !ip("link add veth9200i0 up type veth peer name vethpeer"))
		return;
	EXPECT_INT(plug(1, &plan, &err), 0);
	EXPECT(ip("link show dev veth9200i0 | grep -q 'state DOWN'"));
	EXPECT(!ip("link show dev veth9200i0 | grep -q master"));
}

TEST("an interface that is unplugged is in no bridge, also the second time")
{
	struct net_plan plan;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 type bridge") ||
	    !ip("link add veth9200i0 type veth peer name vethpeer"))
		return;
	EXPECT_INT(plug(0, &plan, &err), 0);
	EXPECT(ip("link show dev veth9200i0 | grep -q master"));
	EXPECT_INT(net_plan_unplug(9200, 0, &plan, &err), 0);
	EXPECT_INT(net_apply(&plan, &err), 0);
	EXPECT(!ip("link show dev veth9200i0 | grep -q master"));
	EXPECT_INT(net_apply(&plan, &err), 0);
}

TEST("only a veth that exists is plugged")
{
	struct net_plan plan;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 type bridge"))
		return;
	EXPECT(plug(0, &plan, &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9200i0' does not exist");
	EXPECT(ip("link add veth9200i0 type bridge"));
	EXPECT(plug(0, &plan, &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9200i0' is not a veth");
}

TEST("a left-over veth is deleted if it has our mark or none, and a missing one is fine")
{
	struct net_plan plan;
	struct error err;

	if (!new_network() || !ip("link add tbr-m0 type bridge"))
		return;
	EXPECT_INT(net_remove("veth9200i0", &err), 0);
	EXPECT(ip("link add veth9200i0 type veth peer name vethpeer"));
	EXPECT_INT(net_remove("veth9200i0", &err), 0);
	EXPECT_INT(look("veth9200i0").index, 0);
	EXPECT(ip("link add veth9200i0 type veth peer name vethpeer"));
	EXPECT_INT(plug(0, &plan, &err), 0);
	EXPECT_INT(net_remove("veth9200i0", &err), 0);
	EXPECT_INT(look("veth9200i0").index, 0);
	EXPECT_INT(look("vethpeer").index, 0);
}

TEST("what is not ours is never deleted: another mark, another kind, another name")
{
	struct error err;

	if (!new_network() || !ip("link add veth9200i0 type veth peer name vethpeer") ||
	    !ip("link set veth9200i0 alias pct:/tmp/other/var/lib/lxc/9200") ||
	    !ip("link add veth9201i0 type bridge"))
		return;
	EXPECT(net_remove("veth9200i0", &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9200i0' belongs to "
			      "'pct:/tmp/other/var/lib/lxc/9200'");
	EXPECT(net_remove("veth9201i0", &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9201i0' exists and is not a veth");
	EXPECT(net_remove("vethpeer", &err) < 0);
	EXPECT_TEXT(err.text, "interface 'vethpeer' is not named like a container's");
	EXPECT(look("veth9200i0").index && look("veth9201i0").index);
}
