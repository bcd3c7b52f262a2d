#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "net/link.h"
#include "net/mark.h"
#include "net/net.h"

int net_bridge_facts(const char *bridge, struct bridge_facts *facts, struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct link link;

	if (!socket || link_find(socket, bridge, &link, err) < 0)
		return -1;
	*facts = (struct bridge_facts){
		.exists = link.index != 0,
		.is_bridge = strcmp(link.kind, "bridge") == 0,
		.is_ovs = strcmp(link.kind, "openvswitch") == 0,
		.vlan_aware = link.vlan_filtering,
		.mtu = link.mtu,
	};
	return 0;
}

/* A kernel without IPv6 has no such file. */
static int disable_ipv6(const char *ifname, struct error *err)
{
	auto_free char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", ifname);

	if (write_value(path, "1", err) < 0 && err->code != ENOENT)
		return -1;
	return 0;
}

static int set_master(struct link_socket *socket, unsigned index, const char *bridge,
		      struct error *err)
{
	struct link master;

	if (link_find(socket, bridge, &master, err) < 0)
		return -1;
	if (!master.index)
		return fail(err, 0, "bridge '%s' does not exist", bridge);
	return link_set_master(socket, index, master.index, err);
}

static int apply_step(struct link_socket *socket, const char *ifname, unsigned index,
		      const struct net_step *step, struct error *err)
{
	struct error ignored;

	switch (step->action) {
	case NET_ALIAS: return link_set_alias(socket, index, step->text, err);
	case NET_MTU: link_set_mtu(socket, index, step->number, &ignored); return 0;
	case NET_NO_IPV6: return disable_ipv6(ifname, err);
	case NET_MASTER: return set_master(socket, index, step->text, err);
	case NET_NO_MASTER: return link_clear_master(socket, index, err);
	case NET_UP: return link_set_up(socket, index, true, err);
	case NET_DOWN: return link_set_up(socket, index, false, err);
	}
	return fail(err, EINVAL, "step %d", (int)step->action);
}

int net_apply(const struct net_plan *plan, struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct link link;

	if (!socket || link_find(socket, plan->ifname, &link, err) < 0)
		return -1;
	if (!link.index)
		return fail(err, 0, "interface '%s' does not exist", plan->ifname);
	if (strcmp(link.kind, "veth") != 0)
		return fail(err, 0, "interface '%s' is not a veth", plan->ifname);
	for (unsigned i = 0; i < plan->count; i++)
		if (apply_step(socket, plan->ifname, link.index, &plan->step[i], err) < 0)
			return fail_in(err, "interface '%s'", plan->ifname);
	return 0;
}

/* Ours by its mark; one without any was made and not yet marked when its start died. */
static int check_owner(const char *ifname, const struct link *link, struct error *err)
{
	auto_free char *mark = NULL;
	unsigned vmid, index;

	if (!net_ifname_parse(ifname, &vmid, &index))
		return fail(err, 0, "interface '%s' is not named like a container's",
			    ifname);
	if (strcmp(link->kind, "veth") != 0)
		return fail(err, 0, "interface '%s' exists and is not a veth", ifname);
	mark = net_mark(vmid);
	if (link->alias[0] && strcmp(link->alias, mark) != 0)
		return fail(err, 0, "interface '%s' belongs to '%s'", ifname, link->alias);
	return 0;
}

int net_remove(const char *ifname, struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct link link;

	if (!socket || link_find(socket, ifname, &link, err) < 0)
		return -1;
	if (!link.index)
		return 0;
	if (check_owner(ifname, &link, err) < 0)
		return -1;
	if (link_delete(socket, link.index, err) < 0)
		return fail_in(err, "interface '%s'", ifname);
	return 0;
}
