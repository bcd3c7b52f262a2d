/* Network blocks (runtime.md 2.14): the hook brings the host end up and bridges it. */
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "lxc/generator.h"

static void net_line(struct generator *g, unsigned index, const char *name,
		     const char *value)
{
	auto_free char *key = xasprintf("lxc.net.%u.%s", index, name);

	put(g, key, "%s", value);
}

static bool is_address(const char *text)
{
	return text && strcmp(text, "dhcp") != 0 && strcmp(text, "manual") != 0;
}

/* Addresses that LXC sets, for guests without a network set-up of their own. */
static void host_managed(struct generator *g, unsigned index, const struct net *net)
{
	if (net->ip6 && strcmp(net->ip6, "auto") == 0) {
		put_failure(g,
			    "net%u: SLAAC is not supported for host-managed network "
			    "configuration",
			    index);
		return;
	}
	if (is_address(net->ip))
		net_line(g, index, "ipv4.address", net->ip);
	if (net->gw)
		net_line(g, index, "ipv4.gateway", net->gw);
	if (is_address(net->ip6))
		net_line(g, index, "ipv6.address", net->ip6);
	if (net->gw6)
		net_line(g, index, "ipv6.gateway", net->gw6);
	net_line(g, index, "flags", "up");
}

static void mtu(struct generator *g, unsigned index, const struct net *net)
{
	unsigned bridge_mtu = g->host->bridge_mtu[index];
	char text[32];

	if (!net->bridge)
		put_failure(g, "net%u: no bridge given", index);
	else if (bridge_mtu == 0)
		put_failure(g, "bridge '%s' does not exist", net->bridge);
	else if (net->mtu > bridge_mtu)
		put_failure(g, "net%u: MTU size '%lld' is bigger than bridge MTU '%u'",
			    index, net->mtu, bridge_mtu);
	snprintf(text, sizeof(text), "%lld", net->mtu > 0 ? net->mtu : bridge_mtu);
	net_line(g, index, "mtu", text);
}

static void net_block(struct generator *g, unsigned index)
{
	auto_free char *pair = xasprintf("veth%ui%u", g->config->vmid, index);
	auto_net struct net net = { 0 };

	if (config_net(g->config, index, &net, g->err) < 0) {
		fail_in(g->err, "net%u", index);
		g->failed = true;
		return;
	}
	if (strlen(pair) > 15)
		put_failure(g, "net%u: interface name '%s' is longer than 15 characters",
			    index, pair);
	net_line(g, index, "type", "veth");
	net_line(g, index, "veth.pair", pair);
	if (net.hwaddr)
		net_line(g, index, "hwaddr", net.hwaddr);
	net_line(g, index, "name", net.name);
	mtu(g, index, &net);
	net_line(g, index, "script.up", g->host->hook);
	if (net.host_managed == 1 && net.link_down != 1)
		host_managed(g, index, &net);
}

void generate_nets(struct generator *g)
{
	const struct keyvals *keys = &g->config->main.keys;

	/* In the order of the keys as text: net0, net1, net10, net2. */
	for (size_t i = 0; i < keys->count && !g->failed; i++) {
		struct slice key = slice(keys->at[i].key);
		uint64_t index;

		if (slice_starts(key, "net") &&
		    slice_number(slice_from(key, 3), 0, 31, &index))
			net_block(g, (unsigned)index);
	}
}
