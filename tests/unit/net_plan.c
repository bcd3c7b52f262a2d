#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "net/net.h"

static char bridge_name[] = "vmbr0";
static const struct bridge_facts good = { .exists = true, .is_bridge = true, .mtu = 1500 };

static struct net a_net(void)
{
	return (struct net){ .bridge = bridge_name,
			     .mtu = -1,
			     .tag = -1,
			     .rate = -1,
			     .firewall = -1,
			     .link_down = -1,
			     .host_managed = -1 };
}

static int plan_it(struct net net, struct bridge_facts facts, struct net_plan *plan,
		   struct notes *notes, struct error *err)
{
	return net_plan_plug(101, 2, &net, &facts, plan, notes, err);
}

TEST("an interface is named veth, the container's id, i and its index")
{
	char name[IFNAME_MAX];
	unsigned vmid, index;
	struct error err;

	EXPECT_INT(net_ifname(101, 3, name, &err), 0);
	EXPECT_TEXT(name, "veth101i3");
	EXPECT(net_ifname_parse("veth101i3", &vmid, &index));
	EXPECT_INT(vmid, 101);
	EXPECT_INT(index, 3);
}

TEST("a name of more than 15 characters is an error: nine digits and two")
{
	char name[IFNAME_MAX];
	struct error err;

	EXPECT_INT(net_ifname(999999999, 9, name, &err), 0);
	EXPECT_TEXT(name, "veth999999999i9");
	EXPECT(net_ifname(999999999, 10, name, &err) < 0);
	EXPECT_TEXT(
		err.text,
		"net10: interface name 'veth999999999i10' is longer than 15 characters");
}

TEST("names that we would not write are not read")
{
	static const char *const bad[] = { "veth",
					   "veth101",
					   "veth101i",
					   "vethi1",
					   "eth0",
					   "veth007i1",
					   "veth101i01",
					   "veth101i32",
					   "veth101i1;reboot",
					   "veth101i1p",
					   "veth101i-1",
					   "veth 101i1",
					   "" };
	unsigned vmid, index;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(!net_ifname_parse(bad[i], &vmid, &index));
}

TEST("plugging marks the interface, follows the bridge's MTU, joins it and goes up")
{
	struct net_plan plan;
	struct error err;

	EXPECT_INT(path_set_root("/tmp/x", &err), 0);
	EXPECT_INT(plan_it(a_net(), good, &plan, NULL, &err), 0);
	EXPECT_TEXT(plan.ifname, "veth101i2");
	EXPECT_INT(plan.count, 5);
	EXPECT_INT(plan.step[0].action, NET_ALIAS);
	EXPECT_TEXT(plan.step[0].text, "pct:/tmp/x/var/lib/lxc/101");
	EXPECT_INT(plan.step[1].action, NET_NO_IPV6);
	EXPECT_INT(plan.step[2].action, NET_MTU);
	EXPECT_INT(plan.step[2].number, 1500);
	EXPECT_INT(plan.step[3].action, NET_MASTER);
	EXPECT_TEXT(plan.step[3].text, "vmbr0");
	EXPECT_INT(plan.step[4].action, NET_UP);
	path_set_root("", &err);
}

TEST("link_down sets it down and keeps it out of the bridge, which need not exist")
{
	struct net net = a_net();
	struct net_plan plan;
	struct error err;

	net.link_down = 1;
	EXPECT_INT(plan_it(net, (struct bridge_facts){ 0 }, &plan, NULL, &err), 0);
	EXPECT_INT(plan.count, 2);
	EXPECT_INT(plan.step[0].action, NET_ALIAS);
	EXPECT_INT(plan.step[1].action, NET_DOWN);
}

TEST("a missing bridge, one that is none, and an OVS bridge are told apart")
{
	struct net_plan plan;
	struct error err;

	EXPECT(plan_it(a_net(), (struct bridge_facts){ 0 }, &plan, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "bridge 'vmbr0' does not exist");
	EXPECT(plan_it(a_net(), (struct bridge_facts){ .exists = true }, &plan, NULL,
		       &err) < 0);
	EXPECT_TEXT(err.text, "bridge 'vmbr0' is neither a linux nor an OVS bridge!");
	EXPECT(plan_it(a_net(), (struct bridge_facts){ .exists = true, .is_ovs = true },
		       &plan, NULL, &err) < 0);
	EXPECT(strstr(err.text, "OVS bridge") != NULL);
}

TEST("an MTU above the bridge's is refused, the same is fine")
{
	struct net net = a_net();
	struct net_plan plan;
	struct error err;

	net.mtu = 1501;
	EXPECT(plan_it(net, good, &plan, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "net2: MTU size '1501' is bigger than bridge MTU '1500'");
	net.mtu = 1500;
	EXPECT_INT(plan_it(net, good, &plan, NULL, &err), 0);
}

TEST("tag and trunks are errors, rate, firewall and a VLAN aware bridge are notes")
{
	auto_notes struct notes notes = { 0 };
	struct bridge_facts aware = good;
	struct net net = a_net();
	struct net_plan plan;
	struct error err;
	char trunks[] = "2;3";

	net.tag = 5;
	EXPECT(plan_it(net, good, &plan, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "net2: tag: VLANs are not supported");
	net.tag = -1;
	net.trunks = trunks;
	EXPECT(plan_it(net, good, &plan, &notes, &err) < 0);
	EXPECT_TEXT(err.text, "net2: trunks: VLANs are not supported");
	net.trunks = NULL;
	net.rate = 1.5;
	net.firewall = 1;
	aware.vlan_aware = true;
	EXPECT_INT(plan_it(net, aware, &plan, &notes, &err), 0);
	EXPECT_INT(notes.count, 3);
	EXPECT_TEXT(notes.text[0], "net2: rate: the limit is not in force");
}

TEST("unplugging takes it out of whatever bridge it is in")
{
	struct net_plan plan;
	struct error err;

	EXPECT_INT(net_plan_unplug(101, 2, &plan, &err), 0);
	EXPECT_TEXT(plan.ifname, "veth101i2");
	EXPECT_INT(plan.count, 1);
	EXPECT_INT(plan.step[0].action, NET_NO_MASTER);
	EXPECT(net_plan_unplug(999999999, 10, &plan, &err) < 0);
}
