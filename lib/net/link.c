#include "net/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "net/socket.h"

static struct ifinfomsg *begin(struct link_socket *socket, uint16_t type, unsigned index)
{
	struct ifinfomsg *info;

	socket_begin(socket, type, 0);
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)index;
	return info;
}

static void copy_text(char *out, size_t room, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= room)
		len = room - 1;
	memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
}

static int on_bridge(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_BR_VLAN_FILTERING &&
	    mnl_attr_validate(attr, MNL_TYPE_U8) == 0)
		link->vlan_filtering = mnl_attr_get_u8(attr) != 0;
	return MNL_CB_OK;
}

/* The kind comes before its data. */
static int on_info(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		copy_text(link->kind, sizeof(link->kind), attr);
	if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && strcmp(link->kind, "bridge") == 0)
		mnl_attr_parse_nested(attr, on_bridge, link);
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_MTU:
		if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			link->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK:
		if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			link->peer = mnl_attr_get_u32(attr);
		break;
	case IFLA_IFALIAS: copy_text(link->alias, sizeof(link->alias), attr); break;
	case IFLA_LINKINFO: mnl_attr_parse_nested(attr, on_info, link); break;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *head, void *data)
{
	struct link *link = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(head);

	if (head->nlmsg_type == RTM_NEWLINK) {
		link->index = (unsigned)info->ifi_index;
		mnl_attr_parse(head, sizeof(*info), on_attribute, link);
	}
	return MNL_CB_OK;
}

int link_find(struct link_socket *socket, const char *name, struct link *out,
	      struct error *err)
{
	struct link link = { 0 };
	int code = ENODEV;

	if (name[0] && strlen(name) < IF_NAMESIZE) {
		begin(socket, RTM_GETLINK, 0);
		mnl_attr_put_strz(socket->head, IFLA_IFNAME, name);
		code = socket_talk(socket, on_link, &link);
	}
	if (code && code != ENODEV)
		return fail(err, code, "cannot look up interface '%s'", name);
	*out = link;
	return 0;
}

int link_set_alias(struct link_socket *socket, unsigned index, const char *alias,
		   struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_str(socket->head, IFLA_IFALIAS, alias);
	return socket_finish(socket, "cannot set the alias", err);
}

int link_set_mtu(struct link_socket *socket, unsigned index, unsigned mtu,
		 struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_u32(socket->head, IFLA_MTU, mtu);
	return socket_finish(socket, "cannot set the MTU", err);
}

int link_set_master(struct link_socket *socket, unsigned index, unsigned master,
		    struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_u32(socket->head, IFLA_MASTER, master);
	return socket_finish(socket, "cannot add it to the bridge", err);
}

int link_clear_master(struct link_socket *socket, unsigned index, struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_u32(socket->head, IFLA_MASTER, 0);
	return socket_finish(socket, "cannot take it out of its bridge", err);
}

int link_set_up(struct link_socket *socket, unsigned index, bool up, struct error *err)
{
	struct ifinfomsg *info = begin(socket, RTM_SETLINK, index);

	info->ifi_flags = up ? IFF_UP : 0;
	info->ifi_change = IFF_UP;
	return socket_finish(socket, up ? "cannot set it up" : "cannot set it down", err);
}

int link_delete(struct link_socket *socket, unsigned index, struct error *err)
{
	int code;

	begin(socket, RTM_DELLINK, index);
	code = socket_talk(socket, NULL, NULL);
	return code && code != ENODEV ? fail(err, code, "cannot delete it") : 0;
}

static void put_end(struct nlmsghdr *head, const struct veth_end *end)
{
	mnl_attr_put_strz(head, IFLA_IFNAME, end->name);
	mnl_attr_put_u32(head, IFLA_MTU, end->mtu);
	mnl_attr_put(head, IFLA_ADDRESS, sizeof(end->mac), end->mac);
}

int link_create_veth(struct link_socket *socket, const struct veth_end *here,
		     const struct veth_end *there, int netns, struct error *err)
{
	struct nlattr *info, *data, *peer;

	begin(socket, RTM_NEWLINK, 0);
	socket->head->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	put_end(socket->head, here);
	info = mnl_attr_nest_start(socket->head, IFLA_LINKINFO);
	mnl_attr_put_strz(socket->head, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(socket->head, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(socket->head, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(socket->head, sizeof(struct ifinfomsg));
	put_end(socket->head, there);
	mnl_attr_put_u32(socket->head, IFLA_NET_NS_FD, (uint32_t)netns);
	mnl_attr_nest_end(socket->head, peer);
	mnl_attr_nest_end(socket->head, data);
	mnl_attr_nest_end(socket->head, info);
	return socket_finish(socket, "cannot create the pair", err);
}
