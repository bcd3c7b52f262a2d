#include "guest/ifupdown.h"

#include <string.h>

#include "test.h"

static char eth0[] = "eth0", dhcp[] = "dhcp", fixed[] = "192.0.2.5/24",
	    outside[] = "10.0.0.1", inside[] = "192.0.2.1";

static void expect(const char *old, struct guest_nic nic, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	EXPECT(ifupdown_edit(slice(old), &nic, 1, IFUPDOWN_CIDR, &out));
	EXPECT_TEXT(out.at, want);
}

TEST("an auto line right behind a stanza counts for it")
{
	expect("auto lo\niface eth0 inet dhcp\nauto eth0\n",
	       (struct guest_nic){ .name = eth0, .ip = dhcp },
	       "auto lo\niface eth0 inet dhcp\n\nauto eth0\n");
}

TEST("an auto line behind an empty line comes too late for the stanza in front of it")
{
	expect("auto lo\niface eth0 inet dhcp\n\nauto eth0\n",
	       (struct guest_nic){ .name = eth0, .ip = dhcp },
	       "auto lo\nauto eth0\niface eth0 inet dhcp\n\nauto eth0\n");
}

TEST("words that only begin with auto are options")
{
	expect("auto lo eth0\niface eth0 inet static\n\tautoconf 0\n\tauto-x y\n",
	       (struct guest_nic){ .name = eth0, .ip = fixed },
	       "auto lo eth0\niface eth0 inet static\n\taddress 192.0.2.5/24\n"
	       "\tautoconf 0\n\tauto-x y\n\n");
}

TEST("a lone word and a comment in column 0 go above the open stanza")
{
	expect("auto lo eth0\niface eth0 inet dhcp\nlone\n# c\n",
	       (struct guest_nic){ .name = eth0, .ip = dhcp },
	       "auto lo eth0\nlone\n# c\niface eth0 inet dhcp\n\n");
}

TEST("a stanza that inherits is the user's")
{
	expect("auto lo\niface eth0 inet static inherits x\n\tmtu 9\n",
	       (struct guest_nic){ .name = eth0, .gw = inside },
	       "auto lo\niface eth0 inet static inherits x\n\tmtu 9\n");
}

TEST("route lines of two gateways are no block of ours")
{
	expect("auto lo eth0\niface eth0 inet static\n\tpost-up ip route add 1.1.1.1 dev "
	       "eth0\n"
	       "\tpost-up ip route add default via 1.1.1.2 dev eth0\n"
	       "\tpre-down ip route del default via 1.1.1.1 dev eth0\n"
	       "\tpre-down ip route del 1.1.1.1 dev eth0\n",
	       (struct guest_nic){ .name = eth0, .ip = fixed },
	       "auto lo eth0\niface eth0 inet static\n\taddress 192.0.2.5/24\n"
	       "\tpost-up ip route add 1.1.1.1 dev eth0\n"
	       "\tpost-up ip route add default via 1.1.1.2 dev eth0\n"
	       "\tpre-down ip route del default via 1.1.1.1 dev eth0\n"
	       "\tpre-down ip route del 1.1.1.1 dev eth0\n\n");
}

TEST("a gateway outside the network gets its routes between markers, once")
{
	static const char want[] = "auto lo eth0\niface eth0 inet static\n"
				   "\taddress 192.0.2.5/24\n"
				   "# --- BEGIN PVE ---\n"
				   "\tpost-up ip route add 10.0.0.1 dev eth0\n"
				   "\tpost-up ip route add default via 10.0.0.1 dev eth0\n"
				   "\tpre-down ip route del default via 10.0.0.1 dev eth0\n"
				   "\tpre-down ip route del 10.0.0.1 dev eth0\n"
				   "# --- END PVE ---\n\n";
	const struct guest_nic nic = { .name = eth0, .ip = fixed, .gw = outside };

	expect("auto lo eth0\niface eth0 inet dhcp\n", nic, want);
	expect(want, nic, want);
}

TEST("a million lines take linear time")
{
	auto_strbuf struct strbuf old = STRBUF_INIT, out = STRBUF_INIT;
	const struct guest_nic nic = { .name = eth0, .ip = fixed };

	strbuf_adds(&old, "iface eth0 inet static\n");
	for (int i = 0; i < 1000000; i++)
		strbuf_adds(&old, " a b\n");
	EXPECT(ifupdown_edit(strbuf_slice(&old), &nic, 1, IFUPDOWN_NETMASK, &out));
	EXPECT(out.len > old.len);
}
