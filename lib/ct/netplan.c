#include "ct/netplan.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/address.h"
#include "guest/wants.h"

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A switch is off unless it is on. */
static bool is_on(int flag)
{
	return flag == 1;
}

/* What a start leaves alone: the host sets no addresses on an unplugged interface. */
static bool is_without(const struct net *net)
{
	return !net || (is_on(net->host_managed) && is_on(net->link_down));
}

static const char *address_of(const struct net *net, int family)
{
	if (is_without(net))
		return NULL;
	return family == AF_INET ? net->ip : net->ip6;
}

/* A gateway without an address on its interface is the guest's own matter. */
static const char *gateway_of(const struct net *net, int family)
{
	if (is_without(net) || !is_static(address_of(net, family), family))
		return NULL;
	return family == AF_INET ? net->gw : net->gw6;
}

bool net_has_client(const struct net *net, int family)
{
	return net && is_on(net->host_managed) && is_mode(address_of(net, family), "dhcp");
}

static void add(struct live_plan *plan, enum live_action action, int family,
		const char *text)
{
	assert(plan->count < LIVE_STEPS);
	plan->step[plan->count++] =
		(struct live_step){ .action = action, .family = family, .text = text };
}

static void plan_client(const struct net *old, const struct net *new, int family,
			struct live_plan *plan)
{
	bool was = net_has_client(old, family), will = net_has_client(new, family);

	if (was && !will)
		add(plan, LIVE_STOP_DHCP, family, NULL);
	if (will && !was)
		add(plan, LIVE_START_DHCP, family, NULL);
}

/* IPv6 has an address once, whatever its prefix: the old one is in the way. */
static bool is_in_the_way(const char *old, const char *new, int family)
{
	struct cidr a, b;

	return family == AF_INET6 && cidr_parse(old, family, &a) &&
	       cidr_parse(new, family, &b) && memcmp(a.bytes, b.bytes, 16) == 0;
}

static void plan_new(const char *ip, const char *gateway, bool is_there, int family,
		     struct live_plan *plan)
{
	if (is_static(ip, family) && !is_there)
		add(plan, LIVE_ADD, family, ip);
	if (gateway && needs_route(ip, gateway, family))
		add(plan, LIVE_ROUTE, family, gateway);
	if (gateway)
		add(plan, LIVE_GATEWAY, family, gateway);
}

/* The new before the old: the guest is not without an address in between. */
static void plan_addresses(const struct net *old, const struct net *new, int family,
			   struct live_plan *plan)
{
	const char *was = address_of(old, family), *will = address_of(new, family);
	const char *old_gw = gateway_of(old, family), *new_gw = gateway_of(new, family);
	bool stays = is_same(was, will);
	bool drops = is_static(was, family) && !stays;
	bool first = drops && is_static(will, family) && is_in_the_way(was, will, family);
	bool routed = needs_route(was, old_gw, family);

	if (first)
		add(plan, LIVE_DROP, family, was);
	plan_new(will, new_gw, stays, family, plan);
	if (old_gw && !new_gw)
		add(plan, LIVE_NO_GATEWAY, family, old_gw);
	if (routed && !(is_same(old_gw, new_gw) && needs_route(will, new_gw, family)))
		add(plan, LIVE_NO_ROUTE, family, old_gw);
	if (drops && !first)
		add(plan, LIVE_DROP, family, was);
}

static bool has_family(const struct net *net, int family)
{
	return net && (family == AF_INET ? net->ip || net->gw : net->ip6 || net->gw6);
}

/* What the guest's own files say does not depend on the plug. */
static bool is_written_alike(const struct net *old, const struct net *new, int family)
{
	if (!old)
		return !has_family(new, family);
	return family == AF_INET
		       ? is_same(old->ip, new->ip) && is_same(old->gw, new->gw)
		       : is_same(old->ip6, new->ip6) && is_same(old->gw6, new->gw6);
}

/* old: what there is already, which is nothing in a new pair. */
static void plan_family(const struct net *old, const struct net *new, int family,
			struct live_plan *plan)
{
	bool alike = is_written_alike(old, new, family);
	unsigned before = plan->count;

	plan_client(old, new, family, plan);
	if (!is_same(address_of(old, family), address_of(new, family)) ||
	    !is_same(gateway_of(old, family), gateway_of(new, family)))
		plan_addresses(old, new, family, plan);
	if (!alike || plan->count > before)
		add(plan, LIVE_SAVE_FAMILY, family, NULL);
	if (!alike)
		add(plan, LIVE_GUEST_FILES, family, NULL);
}

static void plan_remove(const struct net *old, struct live_plan *plan)
{
	if (net_has_client(old, AF_INET))
		add(plan, LIVE_STOP_DHCP, AF_INET, NULL);
	if (net_has_client(old, AF_INET6))
		add(plan, LIVE_STOP_DHCP, AF_INET6, NULL);
	add(plan, LIVE_REMOVE, 0, NULL);
}

static bool is_other_plug(const struct net *old, const struct net *new)
{
	return !is_same(old->bridge, new->bridge) || old->tag != new->tag ||
	       !is_same(old->trunks, new->trunks) ||
	       is_on(old->firewall) != is_on(new->firewall) ||
	       is_on(old->link_down) != is_on(new->link_down);
}

/* The same pair: what of its host end is another one. */
static void plan_link(const struct net *old, const struct net *new, struct live_plan *plan)
{
	if (is_other_plug(old, new))
		add(plan, LIVE_REPLUG, 0, NULL);
	else if (old->rate < new->rate || old->rate > new->rate)
		add(plan, LIVE_RATE, 0, NULL);
	if (is_on(new->host_managed) && is_without(old) && !is_without(new))
		add(plan, LIVE_UP, 0, NULL);
	if (plan->count)
		add(plan, LIVE_SAVE_LINK, 0, NULL);
	plan->mtu_waits = old->mtu != new->mtu;
}

void net_plan_live(const struct net *old, const struct net *new, struct live_plan *plan)
{
	bool is_other = !old || !new || !is_same(old->hwaddr, new->hwaddr) ||
			!is_same(old->name, new->name);
	const struct net *there = is_other ? NULL : old;

	*plan = (struct live_plan){ 0 };
	if (is_other && old)
		plan_remove(old, plan);
	if (!new)
		return;
	if (is_other) {
		add(plan, LIVE_CREATE, 0, NULL);
		add(plan, LIVE_SAVE_LINK, 0, NULL);
	} else {
		plan_link(old, new, plan);
	}
	plan_family(there, new, AF_INET, plan);
	plan_family(there, new, AF_INET6, plan);
	if (plan->count || is_on(old->host_managed) != is_on(new->host_managed))
		add(plan, LIVE_SAVE_ALL, 0, NULL);
}
