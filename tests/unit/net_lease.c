/* What dhclient says in its script's environment, good and hostile. */
#include "net/lease.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/own.h"
#include "net/dhcp.h"
#include "test.h"

struct variable {
	const char *name, *value;
};

static const char *get(void *arg, const char *name)
{
	for (const struct variable *at = arg; at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at->value;
	return NULL;
}

#define READ(lease, err, ...) \
	lease_read(get, (struct variable[]){ __VA_ARGS__, { NULL, NULL } }, lease, err)

static bool is_ip(const struct ip *ip, const char *text)
{
	struct ip want;

	return ip_parse(text, ip->family, &want) && ip_is_same(ip, &want);
}

TEST("a lease has its address with the netmask's length, its times, router and names")
{
	auto_lease struct lease lease = { 0 };
	struct error err = { 0 };

	EXPECT_INT(READ(&lease, &err, { "reason", "BOUND" }, { "interface", "eth0" },
			{ "new_ip_address", "192.0.2.50" },
			{ "new_subnet_mask", "255.255.255.128" },
			{ "new_dhcp_lease_time", "120" },
			{ "new_routers", "192.0.2.1 192.0.2.2" },
			{ "new_domain_name", "lan.example" },
			{ "new_domain_search", "a.example. b.example." },
			{ "new_domain_name_servers", "192.0.2.53 192.0.2.54" }),
		   0);
	EXPECT_INT(lease.event, LEASE_TAKE);
	EXPECT_INT(lease.family, AF_INET);
	EXPECT(lease.now.has_address && !lease.old.has_address);
	EXPECT(is_ip(&lease.now.address, "192.0.2.50/25"));
	EXPECT_INT(lease.now.valid_s, 120);
	EXPECT_INT(lease.now.route_count, 1);
	EXPECT_INT(lease.now.route[0].target.prefix, 0);
	EXPECT(is_ip(&lease.now.route[0].gateway, "192.0.2.1"));
	EXPECT_TEXT(lease.domain, "lan.example");
	EXPECT_TEXT(lease.search[0], "a.example.");
	EXPECT_TEXT(lease.search[1], "b.example.");
	EXPECT(!lease.search[2]);
	EXPECT_TEXT(lease.servers[1], "192.0.2.54");
	EXPECT(!lease.servers[2]);
}

TEST("a router outside of the network gets a route of its own first")
{
	auto_lease struct lease lease = { 0 };
	struct error err = { 0 };

	EXPECT_INT(READ(&lease, &err, { "reason", "RENEW" },
			{ "new_ip_address", "192.0.2.50" },
			{ "new_subnet_mask", "255.255.255.255" },
			{ "new_routers", "198.51.100.1" }),
		   0);
	EXPECT_INT(lease.now.route_count, 2);
	EXPECT(is_ip(&lease.now.route[0].target, "198.51.100.1"));
	EXPECT(lease.now.route[0].on_link && !lease.now.route[1].on_link);
}

TEST("classless routes come instead of the router")
{
	auto_lease struct lease lease = { 0 };
	struct error err = { 0 };

	EXPECT_INT(READ(&lease, &err, { "reason", "BOUND" },
			{ "new_ip_address", "192.0.2.50" }, { "new_routers", "192.0.2.1" },
			{ "new_rfc3442_classless_static_routes",
			  "24 10 1 2 192 0 2 9 0 192 0 2 7 32 10 9 9 9 0 0 0 0" }),
		   0);
	EXPECT_INT(lease.now.route_count, 3);
	EXPECT(is_ip(&lease.now.route[0].target, "10.1.2.0/24"));
	EXPECT(is_ip(&lease.now.route[0].gateway, "192.0.2.9"));
	EXPECT_INT(lease.now.route[1].target.prefix, 0);
	EXPECT(is_ip(&lease.now.route[1].gateway, "192.0.2.7"));
	EXPECT(is_ip(&lease.now.route[2].target, "10.9.9.9") && lease.now.route[2].on_link);
}

TEST("a list of classless routes that breaks off, or is nonsense, has those before that")
{
	static const char *const lists[] = { "24 10 1 2 192 0 2 9 24 10 1",
					     "24 10 1 2 192 0 2 9 33 1",
					     "24 10 1 2 192 0 2 9 24 x 1 2 3 4 5 6",
					     "24 10 1 2 192 0 2 9 256 1 2 3 4" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		auto_lease struct lease lease = { 0 };
		struct error err = { 0 };

		EXPECT_INT(READ(&lease, &err, { "reason", "BOUND" },
				{ "new_ip_address", "192.0.2.50" },
				{ "new_rfc3442_classless_static_routes", lists[i] }),
			   0);
		EXPECT_INT(lease.now.route_count, 1);
	}
}

TEST("IPv6 has its own names, and a link-local server is one of the interface")
{
	auto_lease struct lease lease = { 0 };
	struct error err = { 0 };

	EXPECT_INT(READ(&lease, &err, { "reason", "BOUND6" }, { "interface", "eth0" },
			{ "new_ip6_address", "2001:db8::50" },
			{ "new_ip6_prefixlen", "64" }, { "new_max_life", "300" },
			{ "new_preferred_life", "200" },
			{ "new_dhcp6_name_servers", "2001:db8::53 fe80::1 192.0.2.53" },
			{ "new_dhcp6_domain_search", "six.example." },
			{ "new_domain_name", "four.example" }),
		   0);
	EXPECT(is_ip(&lease.now.address, "2001:db8::50/64"));
	EXPECT_INT(lease.now.valid_s, 300);
	EXPECT_INT(lease.now.preferred_s, 200);
	EXPECT_TEXT(lease.servers[0], "2001:db8::53");
	EXPECT_TEXT(lease.servers[1], "fe80::1%eth0");
	EXPECT(!lease.servers[2] && !lease.domain);
	EXPECT_TEXT(lease.search[0], "six.example.");
}

TEST("the ends of a lease name the old address, other reasons nothing")
{
	static const char *const ends[] = { "EXPIRE", "FAIL", "RELEASE", "STOP" };
	static const char *const others[] = { "MEDIUM",  "ARPCHECK", "TIMEOUT",
					      "DEPREF6", "",         "BOUND;reboot",
					      "bound" };
	struct error err = { 0 };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		auto_lease struct lease lease = { 0 };

		EXPECT_INT(READ(&lease, &err, { "reason", ends[i] },
				{ "old_ip_address", "192.0.2.50" }),
			   0);
		EXPECT(lease.event == LEASE_DROP &&
		       is_ip(&lease.old.address, "192.0.2.50"));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		auto_lease struct lease lease = { 0 };

		EXPECT_INT(READ(&lease, &err, { "reason", others[i] },
				{ "new_ip_address", "192.0.2.50" }),
			   0);
		EXPECT_INT(lease.event, LEASE_NOTHING);
	}
}

TEST("an address or netmask that is none is refused, and the lease stays untouched")
{
	static const char *const bad[] = { "192.0.2", "192.0.2.50/8",      "192.0.2.50\n",
					   "x",       "192.0.2.50;reboot", "2001:db8::1",
					   " " };
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct lease lease = { 0 };

		EXPECT(READ(&lease, &err, { "reason", "BOUND" },
			    { "new_ip_address", bad[i] }) < 0);
		EXPECT_TEXT(err.text, "the lease has no valid address");
		EXPECT_INT(lease.event, LEASE_NOTHING);
		EXPECT(READ(&lease, &err, { "reason", "BOUND" },
			    { "new_ip_address", "192.0.2.50" },
			    { "new_subnet_mask", bad[i] }) < 0);
		EXPECT_TEXT(err.text, "the lease has no valid netmask");
	}
	struct lease lease = { 0 };
	EXPECT(READ(&lease, &err, { "reason", "BOUND" }, { "new_ip_address", "192.0.2.50" },
		    { "new_subnet_mask", "255.0.255.0" }) < 0);
}

TEST("names hold nothing but what names and addresses are made of")
{
	static const char *const bad[] = { "$(reboot)", "a;b",     "`a`",      "a'b",
					   "a\"b",      "a\\032b", "\x1b[2J",  "a/b",
					   "-rf",       ".",       "\xff\xfe", "a=b" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_free char *search = xasprintf("%s good.example", bad[i]);
		auto_free char *servers = xasprintf("%s 192.0.2.53", bad[i]);
		auto_lease struct lease lease = { 0 };
		struct error err = { 0 };

		EXPECT_INT(READ(&lease, &err, { "reason", "BOUND" },
				{ "new_domain_name", bad[i] },
				{ "new_domain_search", search },
				{ "new_domain_name_servers", servers }),
			   0);
		EXPECT(!lease.domain);
		EXPECT_TEXT(lease.search[0], "good.example");
		EXPECT_TEXT(lease.servers[0], "192.0.2.53");
		EXPECT(!lease.search[1] && !lease.servers[1]);
	}
}

TEST("of line breaks only the words are left, of long texts and lists what there is room for")
{
	auto_free char *name = xmalloc(65537);
	auto_free char *list = xcalloc(1, 65537);
	auto_lease struct lease lease = { 0 };
	struct error err = { 0 };
	size_t count = 0;

	memset(name, 'a', 65536);
	name[65536] = '\0';
	for (size_t i = 0; i + 8 < 65536; i += 8)
		memcpy(list + i, "1.2.3.4 ", 8);
	EXPECT_INT(READ(&lease, &err, { "reason", "BOUND" },
			{ "new_domain_name", "a.example\nnameserver 192.0.2.66" },
			{ "new_domain_search", name }, { "new_domain_name_servers", list },
			{ "new_host_name", name }),
		   0);
	EXPECT_TEXT(lease.domain, "a.example");
	EXPECT(!lease.search[0]);
	while (lease.servers[count])
		count++;
	EXPECT_INT(count, LEASE_SERVERS);
}

TEST("the client is started once for a lease, and its script is ours")
{
	const struct dhcp_client client = { .vmid = 101,
					    .family = AF_INET,
					    .ifname = "eth0" };
	const struct dhcp_client other = { .vmid = 101,
					   .family = AF_INET6,
					   .ifname = "eth1" };
	auto_strbuf struct strbuf start = STRBUF_INIT, release = STRBUF_INIT;

	dhcp_command(&client, "/x/pct-dhcp", 77, false, &start);
	EXPECT_TEXT(start.at,
		    "dhclient\n-1\n-4\n-pf\n/var/lib/lxc/101/hook/dhclient4-eth0.pid\n"
		    "-lf\n/var/lib/lxc/101/hook/dhclient4-eth0.leases\n"
		    "-e\nPCT_INIT=77\n-sf\n/x/pct-dhcp\neth0\n");
	dhcp_command(&other, "/x/pct-dhcp", 77, true, &release);
	EXPECT_TEXT(release.at,
		    "dhclient\n-r\n-6\n-pf\n/var/lib/lxc/101/hook/dhclient6-eth1.pid\n"
		    "-lf\n/var/lib/lxc/101/hook/dhclient6-eth1.leases\n"
		    "-e\nPCT_INIT=77\n-sf\n/x/pct-dhcp\neth1\n");
}

TEST("a name that would be an option is refused")
{
	const struct dhcp_client client = { .vmid = 101,
					    .family = AF_INET,
					    .ifname = "-r" };
	struct error err;

	EXPECT(dhcp_start(&client, &err) < 0);
	EXPECT_TEXT(err.text, "'-r' is no name that dhclient takes");
}
