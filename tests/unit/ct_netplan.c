/* The steps from one value of netN to another (runtime.md 5.3), as text. */
#include "ct/netplan.h"

#include <sys/socket.h>

#include "base/own.h"
#include "base/strbuf.h"
#include "test.h"

#define BASE "name=eth0,bridge=br0,hwaddr=BC:24:11:00:00:01"

static const char *const names[] = {
	[LIVE_STOP_DHCP] = "stop dhcp",
	[LIVE_REMOVE] = "remove",
	[LIVE_CREATE] = "create",
	[LIVE_REPLUG] = "replug",
	[LIVE_RATE] = "rate",
	[LIVE_UP] = "up",
	[LIVE_SAVE_LINK] = "save link",
	[LIVE_START_DHCP] = "start dhcp",
	[LIVE_ADD] = "add",
	[LIVE_ROUTE] = "route",
	[LIVE_GATEWAY] = "gateway",
	[LIVE_NO_GATEWAY] = "no gateway",
	[LIVE_NO_ROUTE] = "no route",
	[LIVE_DROP] = "drop",
	[LIVE_SAVE_FAMILY] = "save family",
	[LIVE_GUEST_FILES] = "files",
	[LIVE_SAVE_ALL] = "save",
};

static void read_net(const char *text, struct net *net)
{
	struct error err = { 0 };

	EXPECT(group_parse(slice(text), net_props, net, &err) == 0);
	EXPECT_TEXT(err.text, "");
}

static void expect_plan(const char *from, const char *to, const char *steps,
			const char *file, int line)
{
	auto_net struct net old = { 0 }, new = { 0 };
	auto_strbuf struct strbuf told = STRBUF_INIT;
	struct live_plan plan;

	if (from)
		read_net(from, &old);
	if (to)
		read_net(to, &new);
	net_plan_live(from ? &old : NULL, to ? &new : NULL, &plan);
	for (unsigned i = 0; i < plan.count; i++) {
		const struct live_step *step = &plan.step[i];

		strbuf_addf(&told, "%s%s", i ? "; " : "", names[step->action]);
		if (step->family)
			strbuf_addf(&told, " %d", step->family == AF_INET ? 4 : 6);
		if (step->text)
			strbuf_addf(&told, " %s", step->text);
	}
	if (plan.mtu_waits)
		strbuf_adds(&told, " (mtu waits)");
	test_expect_text(told.at, steps, file, line);
}
#define EXPECT_PLAN(from, to, steps) expect_plan(from, to, steps, __FILE__, __LINE__)

TEST("the same value, or one that only says what is so anyway, has no steps")
{
	EXPECT_PLAN(BASE, BASE, "");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=192.0.2.1",
		    BASE ",gw=192.0.2.1,ip=192.0.2.5/24,firewall=0,link_down=0,type=veth",
		    "");
}

TEST("a new interface is made, saved, and then gets its addresses, family by family")
{
	EXPECT_PLAN(NULL, BASE, "create; save link; save");
	EXPECT_PLAN(NULL, BASE ",ip=192.0.2.5/24,gw=192.0.2.1,ip6=2001:db8::5/64",
		    "create; save link; add 4 192.0.2.5/24; gateway 4 192.0.2.1; "
		    "save family 4; files 4; add 6 2001:db8::5/64; save family 6; files 6; "
		    "save");
	EXPECT_PLAN(NULL, BASE ",ip=manual",
		    "create; save link; save family 4; files 4; save");
}

TEST("an interface that is taken away loses its clients first")
{
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24", NULL, "remove");
	EXPECT_PLAN(BASE ",ip=dhcp,ip6=dhcp,host-managed=1", NULL,
		    "stop dhcp 4; stop dhcp 6; remove");
	EXPECT_PLAN(BASE ",ip=dhcp", NULL, "remove");
	EXPECT_PLAN(NULL, NULL, "");
}

TEST("another name or MAC address is another interface")
{
	EXPECT_PLAN(
		BASE ",ip=192.0.2.5/24",
		"name=eth1,bridge=br0,hwaddr=BC:24:11:00:00:01,ip=192.0.2.5/24",
		"remove; create; save link; add 4 192.0.2.5/24; save family 4; files 4; "
		"save");
	EXPECT_PLAN(BASE, "name=eth0,bridge=br0,hwaddr=BC:24:11:00:00:02,mtu=1400",
		    "remove; create; save link; save");
	EXPECT_PLAN(BASE ",ip=dhcp,host-managed=1",
		    "name=eth1,bridge=br0,hwaddr=BC:24:11:00:00:01,ip=dhcp,host-managed=1",
		    "stop dhcp 4; remove; create; save link; start dhcp 4; save family 4; "
		    "files 4; save");
}

TEST("what the host end depends on is plugged anew, with the rate")
{
	static const char *const plugs[] = { "tag=5", "trunks=2;3", "firewall=1",
					     "link_down=1", "tag=5,rate=3" };

	EXPECT_PLAN(BASE, "name=eth0,bridge=br1,hwaddr=BC:24:11:00:00:01",
		    "replug; save link; save");
	for (size_t i = 0; i < sizeof(plugs) / sizeof(plugs[0]); i++) {
		auto_free char *value = xasprintf("%s,%s", BASE, plugs[i]);

		EXPECT_PLAN(BASE, value, "replug; save link; save");
		EXPECT_PLAN(value, BASE, "replug; save link; save");
	}
}

TEST("a rate alone needs no other plug")
{
	EXPECT_PLAN(BASE, BASE ",rate=3", "rate; save link; save");
	EXPECT_PLAN(BASE ",rate=3", BASE ",rate=3.5", "rate; save link; save");
}

TEST("an MTU waits, whatever else changes, unless the pair is a new one")
{
	EXPECT_PLAN(BASE, BASE ",mtu=1400", " (mtu waits)");
	EXPECT_PLAN(BASE ",mtu=1400", BASE ",ip=192.0.2.5/24",
		    "add 4 192.0.2.5/24; save family 4; files 4; save (mtu waits)");
}

TEST("a new address comes before the old one goes, and the way out is set again")
{
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=192.0.2.1",
		    BASE ",ip=192.0.2.6/24,gw=192.0.2.1",
		    "add 4 192.0.2.6/24; gateway 4 192.0.2.1; drop 4 192.0.2.5/24; "
		    "save family 4; files 4; save");
	EXPECT_PLAN(
		BASE ",ip6=2001:db8::5/64", BASE ",ip6=2001:db8:1::5/64",
		"add 6 2001:db8:1::5/64; drop 6 2001:db8::5/64; save family 6; files 6; "
		"save");
}

TEST("an IPv6 address with another prefix length has to go first")
{
	EXPECT_PLAN(BASE ",ip6=2001:db8::5/64", BASE ",ip6=2001:0db8::5/56",
		    "drop 6 2001:db8::5/64; add 6 2001:0db8::5/56; save family 6; files 6; "
		    "save");
	EXPECT_PLAN(
		BASE ",ip=192.0.2.5/24", BASE ",ip=192.0.2.5/25",
		"add 4 192.0.2.5/25; drop 4 192.0.2.5/24; save family 4; files 4; save");
}

TEST("a gateway outside of the network gets a route, which goes with it")
{
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24", BASE ",ip=192.0.2.5/24,gw=198.51.100.1",
		    "route 4 198.51.100.1; gateway 4 198.51.100.1; save family 4; files 4; "
		    "save");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=198.51.100.1",
		    BASE ",ip=192.0.2.5/24,gw=192.0.2.1",
		    "gateway 4 192.0.2.1; no route 4 198.51.100.1; save family 4; files 4; "
		    "save");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=198.51.100.1", BASE ",ip=192.0.2.5/24",
		    "no gateway 4 198.51.100.1; no route 4 198.51.100.1; save family 4; "
		    "files 4; save");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=198.51.100.1",
		    BASE ",ip=192.0.2.6/24,gw=198.51.100.1",
		    "add 4 192.0.2.6/24; route 4 198.51.100.1; gateway 4 198.51.100.1; "
		    "drop 4 192.0.2.5/24; save family 4; files 4; save");
	EXPECT_PLAN(
		BASE, BASE ",ip6=2001:db8::5/64,gw6=fe80::1",
		"add 6 2001:db8::5/64; gateway 6 fe80::1; save family 6; files 6; save");
}

TEST("words that are no address are neither added nor dropped")
{
	EXPECT_PLAN(BASE ",ip=dhcp", BASE ",ip=manual", "save family 4; files 4; save");
	EXPECT_PLAN(BASE ",ip6=auto", BASE, "save family 6; files 6; save");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24,gw=192.0.2.1", BASE ",ip=manual",
		    "no gateway 4 192.0.2.1; drop 4 192.0.2.5/24; save family 4; files 4; "
		    "save");
	EXPECT_PLAN(BASE ",ip=manual", BASE ",ip=dhcp,gw=192.0.2.1",
		    "save family 4; files 4; save");
}

TEST("the host's clients start and stop with what asks for them")
{
	EXPECT_PLAN(BASE ",host-managed=1,ip=192.0.2.5/24", BASE ",host-managed=1,ip=dhcp",
		    "start dhcp 4; drop 4 192.0.2.5/24; save family 4; files 4; save");
	EXPECT_PLAN(BASE ",host-managed=1,ip6=dhcp", BASE ",host-managed=1,ip6=manual",
		    "stop dhcp 6; save family 6; files 6; save");
	EXPECT_PLAN(BASE ",ip=dhcp", BASE ",host-managed=1,ip=dhcp",
		    "start dhcp 4; save family 4; save");
	EXPECT_PLAN(BASE ",host-managed=1,ip=dhcp", BASE ",ip=dhcp",
		    "stop dhcp 4; save family 4; save");
	EXPECT_PLAN(BASE ",host-managed=1,ip=192.0.2.5/24", BASE ",ip=192.0.2.5/24",
		    "save");
}

TEST("an unplugged interface that the host manages has no addresses, as after a start")
{
	EXPECT_PLAN(BASE ",host-managed=1,ip=dhcp,ip6=2001:db8::5/64",
		    BASE ",host-managed=1,ip=dhcp,ip6=2001:db8::5/64,link_down=1",
		    "replug; save link; stop dhcp 4; save family 4; drop 6 2001:db8::5/64; "
		    "save family 6; save");
	EXPECT_PLAN(BASE ",host-managed=1,ip=192.0.2.5/24,gw=192.0.2.1,link_down=1",
		    BASE ",host-managed=1,ip=192.0.2.5/24,gw=192.0.2.1",
		    "replug; up; save link; add 4 192.0.2.5/24; gateway 4 192.0.2.1; "
		    "save family 4; save");
	EXPECT_PLAN(BASE ",ip=192.0.2.5/24", BASE ",ip=192.0.2.5/24,link_down=1",
		    "replug; save link; save");
}
