#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "net/mark.h"
#include "net/net.h"

int net_ifname(unsigned vmid, unsigned index, char out[IFNAME_MAX], struct error *err)
{
	char name[64];
	int len = snprintf(name, sizeof(name), "veth%ui%u", vmid, index);

	if (len >= IFNAME_MAX)
		return fail(err, 0,
			    "net%u: interface name '%s' is longer than %d characters",
			    index, name, IFNAME_MAX - 1);
	memcpy(out, name, (size_t)len + 1);
	return 0;
}

bool net_ifname_parse(const char *ifname, unsigned *vmid, unsigned *index)
{
	struct slice rest = slice(ifname), number;
	char again[IFNAME_MAX];
	uint64_t id, n;
	struct error err;

	if (!slice_starts(rest, "veth"))
		return false;
	number = slice_cut(slice_from(rest, 4), 'i', &rest);
	if (!slice_number(number, 1, 999999999, &id) || !rest.at ||
	    !slice_number(rest, 0, 31, &n))
		return false;
	/* "veth007i1" is not how we write it. */
	if (net_ifname((unsigned)id, (unsigned)n, again, &err) < 0 ||
	    strcmp(again, ifname) != 0)
		return false;
	*vmid = (unsigned)id;
	*index = (unsigned)n;
	return true;
}

char *net_mark(unsigned vmid)
{
	auto_free char *place = path_in(PATH_LXC, "%u", vmid);

	return xasprintf("pct:%s", place);
}

static void add(struct net_plan *plan, enum net_action action, const char *text,
		unsigned number)
{
	struct net_step *step = &plan->step[plan->count++];

	*step = (struct net_step){ .action = action, .number = number };
	snprintf(step->text, sizeof(step->text), "%s", text);
}

static int check_bridge(unsigned index, const struct net *net,
			const struct bridge_facts *bridge, struct error *err)
{
	if (!net->bridge)
		return fail(err, 0, "net%u: no bridge is set", index);
	if (!bridge->exists)
		return fail(err, 0, "bridge '%s' does not exist", net->bridge);
	if (bridge->is_ovs)
		return fail(err, 0,
			    "bridge '%s' is an OVS bridge, and only Linux bridges "
			    "can be plugged into",
			    net->bridge);
	if (!bridge->is_bridge)
		return fail(err, 0, "bridge '%s' is neither a linux nor an OVS bridge!",
			    net->bridge);
	return 0;
}

static int check_net(unsigned index, const struct net *net,
		     const struct bridge_facts *bridge, struct error *err)
{
	if (net->tag > 0)
		return fail(err, 0, "net%u: tag: VLANs are not supported", index);
	if (net->trunks)
		return fail(err, 0, "net%u: trunks: VLANs are not supported", index);
	if (net->mtu > 0 && net->mtu > bridge->mtu)
		return fail(err, 0, "net%u: MTU size '%lld' is bigger than bridge MTU '%u'",
			    index, net->mtu, bridge->mtu);
	return 0;
}

static void note_limits(unsigned index, const struct net *net,
			const struct bridge_facts *bridge, struct notes *notes)
{
	if (net->rate > 0)
		notes_add(notes, "net%u: rate: the limit is not in force", index);
	if (net->firewall == 1)
		notes_add(notes, "net%u: firewall: no rules are installed", index);
	if (bridge->vlan_aware)
		notes_add(notes,
			  "net%u: bridge '%s' is VLAN aware: only its untagged VLAN "
			  "is reached",
			  index, net->bridge);
}

int net_plan_plug(unsigned vmid, unsigned index, const struct net *net,
		  const struct bridge_facts *bridge, struct net_plan *plan,
		  struct notes *notes, struct error *err)
{
	auto_free char *mark = net_mark(vmid);
	struct net_plan made = { 0 };

	if (net_ifname(vmid, index, made.ifname, err) < 0)
		return -1;
	add(&made, NET_ALIAS, mark, 0);
	if (net->link_down == 1) {
		add(&made, NET_DOWN, "", 0);
		*plan = made;
		return 0;
	}
	if (check_bridge(index, net, bridge, err) < 0 ||
	    check_net(index, net, bridge, err) < 0)
		return -1;
	note_limits(index, net, bridge, notes);
	add(&made, NET_NO_IPV6, "", 0);
	/* Before it joins: a bridge takes the smallest MTU of its ports. */
	add(&made, NET_MTU, "", bridge->mtu);
	add(&made, NET_MASTER, net->bridge, 0);
	add(&made, NET_UP, "", 0);
	*plan = made;
	return 0;
}

int net_plan_unplug(unsigned vmid, unsigned index, struct net_plan *plan, struct error *err)
{
	struct net_plan made = { 0 };

	if (net_ifname(vmid, index, made.ifname, err) < 0)
		return -1;
	add(&made, NET_NO_MASTER, "", 0);
	*plan = made;
	return 0;
}
