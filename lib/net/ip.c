#include "net/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/slice.h"
#include "net/socket.h"

#define NO_BROADCAST 31 /* networks of two addresses and of one have none (RFC 3021) */

unsigned ip_size(int family)
{
	return family == AF_INET ? 4 : 16;
}

bool ip_parse(const char *text, int family, struct ip *out)
{
	struct ip ip = { .family = family, .prefix = ip_size(family) * 8 };
	struct slice prefix, address = slice_cut(slice(text), '/', &prefix);
	auto_free char *literal = slice_dup(address);
	uint64_t bits = ip.prefix;

	if (!text || inet_pton(family, literal, ip.bytes) != 1 ||
	    (prefix.at && !slice_number(prefix, 0, ip.prefix, &bits)))
		return false;
	ip.prefix = (unsigned)bits;
	*out = ip;
	return true;
}

bool ip_is_link_local(const struct ip *ip)
{
	return ip->family == AF_INET6 && ip->bytes[0] == 0xfe &&
	       (ip->bytes[1] & 0xc0) == 0x80;
}

bool ip_is_same(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && a->prefix == b->prefix &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static void put_broadcast(struct nlmsghdr *head, const struct ip *ip)
{
	unsigned char bytes[4];

	if (ip->family != AF_INET || ip->prefix >= NO_BROADCAST)
		return;
	memcpy(bytes, ip->bytes, sizeof(bytes));
	for (unsigned bit = ip->prefix; bit < 32; bit++)
		bytes[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	mnl_attr_put(head, IFA_BROADCAST, sizeof(bytes), bytes);
}

static void begin_address(struct link_socket *socket, uint16_t type, uint16_t flags,
			  unsigned index, const struct ip *ip)
{
	struct ifaddrmsg *info;

	socket_begin(socket, type, flags);
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->ifa_family = (unsigned char)ip->family;
	info->ifa_prefixlen = (unsigned char)ip->prefix;
	info->ifa_index = index;
	mnl_attr_put(socket->head, IFA_LOCAL, ip_size(ip->family), ip->bytes);
	mnl_attr_put(socket->head, IFA_ADDRESS, ip_size(ip->family), ip->bytes);
}

int ip_add(struct link_socket *socket, unsigned index, const struct ip *ip,
	   unsigned valid_s, unsigned preferred_s, struct error *err)
{
	const struct ifa_cacheinfo times = { .ifa_valid = valid_s,
					     .ifa_prefered = preferred_s };

	begin_address(socket, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, ip);
	put_broadcast(socket->head, ip);
	if (valid_s)
		mnl_attr_put(socket->head, IFA_CACHEINFO, sizeof(times), &times);
	return socket_finish(socket, "cannot add the address", err);
}

/* The place of one IPv4 setting in what the kernel tells of all of them. */
struct setting {
	bool found;
	uint32_t value;
};

static int on_ipv4(const struct nlattr *attr, void *data)
{
	struct setting *setting = data;
	const uint32_t *values = mnl_attr_get_payload(attr);

	if (mnl_attr_get_type(attr) == IFLA_INET_CONF &&
	    mnl_attr_get_payload_len(attr) >=
		    IPV4_DEVCONF_PROMOTE_SECONDARIES * sizeof(*values)) {
		setting->found = true;
		setting->value = values[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1];
	}
	return MNL_CB_OK;
}

static int on_family(const struct nlattr *attr, void *data)
{
	return mnl_attr_get_type(attr) == AF_INET
		       ? mnl_attr_parse_nested(attr, on_ipv4, data)
		       : MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	return mnl_attr_get_type(attr) == IFLA_AF_SPEC
		       ? mnl_attr_parse_nested(attr, on_family, data)
		       : MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *head, void *data)
{
	return head->nlmsg_type == RTM_NEWLINK
		       ? mnl_attr_parse(head, sizeof(struct ifinfomsg), on_attribute, data)
		       : MNL_CB_OK;
}

static void begin_link(struct link_socket *socket, uint16_t type, unsigned index)
{
	struct ifinfomsg *info;

	socket_begin(socket, type, 0);
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->ifi_index = (int)index;
}

static void set_promotion(struct link_socket *socket, unsigned index, uint32_t value)
{
	struct nlattr *spec, *family, *conf;

	begin_link(socket, RTM_SETLINK, index);
	spec = mnl_attr_nest_start(socket->head, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(socket->head, AF_INET);
	conf = mnl_attr_nest_start(socket->head, IFLA_INET_CONF);
	mnl_attr_put_u32(socket->head, IPV4_DEVCONF_PROMOTE_SECONDARIES, value);
	mnl_attr_nest_end(socket->head, conf);
	mnl_attr_nest_end(socket->head, family);
	mnl_attr_nest_end(socket->head, spec);
	/* A kernel that refuses removes secondary addresses, too: nothing can be done. */
	(void)socket_talk(socket, NULL, NULL);
}

/* Fine when there is no such thing any more. */
static int remove_it(struct link_socket *socket, const char *what, struct error *err)
{
	int code = socket_talk(socket, NULL, NULL);

	if (code && code != EADDRNOTAVAIL && code != ESRCH && code != ENODEV)
		return fail(err, code, "%s", what);
	return 0;
}

int ip_remove(struct link_socket *socket, unsigned index, const struct ip *ip,
	      struct error *err)
{
	struct setting before = { 0 };
	int status;

	if (ip->family == AF_INET) {
		begin_link(socket, RTM_GETLINK, index);
		(void)socket_talk(socket, on_link, &before);
		set_promotion(socket, index, 1);
	}
	begin_address(socket, RTM_DELADDR, 0, index, ip);
	status = remove_it(socket, "cannot remove the address", err);
	if (before.found)
		set_promotion(socket, index, before.value);
	return status;
}

struct search {
	unsigned index;
	bool found;
};

static int on_address(const struct nlmsghdr *head, void *data)
{
	struct search *search = data;
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(head);

	if (head->nlmsg_type == RTM_NEWADDR && info->ifa_family == AF_INET6 &&
	    info->ifa_index == search->index && info->ifa_scope == RT_SCOPE_LINK &&
	    !(info->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		search->found = true;
	return MNL_CB_OK;
}

bool ip_has_link_local(struct link_socket *socket, unsigned index)
{
	struct search search = { .index = index };
	struct ifaddrmsg *info;

	socket_begin(socket, RTM_GETADDR, NLM_F_DUMP);
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->ifa_family = AF_INET6;
	return socket_talk(socket, on_address, &search) == 0 && search.found;
}

static void begin_route(struct link_socket *socket, uint16_t type, uint16_t flags,
			unsigned index, const struct ip_route *route)
{
	const struct ip *target = &route->target;
	struct rtmsg *info;

	socket_begin(socket, type, flags);
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->rtm_family = (unsigned char)target->family;
	info->rtm_dst_len = (unsigned char)target->prefix;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_BOOT;
	info->rtm_type = RTN_UNICAST;
	info->rtm_scope = !route->gateway && target->family == AF_INET ? RT_SCOPE_LINK
								       : RT_SCOPE_UNIVERSE;
	if (target->prefix)
		mnl_attr_put(socket->head, RTA_DST, ip_size(target->family), target->bytes);
	if (route->gateway)
		mnl_attr_put(socket->head, RTA_GATEWAY, ip_size(target->family),
			     route->gateway->bytes);
	mnl_attr_put_u32(socket->head, RTA_OIF, index);
}

int ip_route_set(struct link_socket *socket, unsigned index, const struct ip_route *route,
		 struct error *err)
{
	begin_route(socket, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, index, route);
	return socket_finish(socket, "cannot set the route", err);
}

int ip_route_remove(struct link_socket *socket, unsigned index,
		    const struct ip_route *route, struct error *err)
{
	begin_route(socket, RTM_DELROUTE, 0, index, route);
	/* Whatever protocol and scope it was set with. */
	struct rtmsg *info = mnl_nlmsg_get_payload(socket->head);
	info->rtm_protocol = RTPROT_UNSPEC;
	info->rtm_scope = RT_SCOPE_NOWHERE;
	return remove_it(socket, "cannot remove the route", err);
}
