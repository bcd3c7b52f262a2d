#include "net/link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/own.h"

#define ANSWER_MAX 32768 /* an interface with many virtual functions is told at length */

struct link_socket {
	struct mnl_socket *mnl;
	uint32_t sequence;
	char request[1024];
	struct nlmsghdr *head;
};

struct link_socket *link_open(struct error *err)
{
	struct link_socket *socket = xcalloc(1, sizeof(*socket));

	socket->mnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!socket->mnl || mnl_socket_bind(socket->mnl, 0, MNL_SOCKET_AUTOPID) < 0) {
		fail(err, errno, "cannot open a netlink socket");
		link_close(&socket);
	}
	return socket;
}

void link_close(struct link_socket **socket)
{
	if (*socket && (*socket)->mnl)
		mnl_socket_close((*socket)->mnl);
	free(*socket);
	*socket = NULL;
}

static struct ifinfomsg *begin(struct link_socket *socket, uint16_t type, unsigned index)
{
	struct ifinfomsg *info;

	socket->head = mnl_nlmsg_put_header(socket->request);
	socket->head->nlmsg_type = type;
	socket->head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	socket->head->nlmsg_seq = ++socket->sequence;
	info = mnl_nlmsg_put_extra_header(socket->head, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)index;
	return info;
}

/* Send what begin started and wait for its end. Returns 0, or the errno. */
static int talk(struct link_socket *socket, mnl_cb_t on_message, void *data)
{
	auto_free char *answer = xmalloc(ANSWER_MAX);
	unsigned port = mnl_socket_get_portid(socket->mnl);
	int status = MNL_CB_OK;

	if (mnl_socket_sendto(socket->mnl, socket->head, socket->head->nlmsg_len) < 0)
		return errno;
	while (status > MNL_CB_STOP) {
		ssize_t got = mnl_socket_recvfrom(socket->mnl, answer, ANSWER_MAX);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		status = mnl_cb_run(answer, (size_t)got, socket->sequence, port, on_message,
				    data);
	}
	return status < 0 ? errno : 0;
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
		code = talk(socket, on_link, &link);
	}
	if (code && code != ENODEV)
		return fail(err, code, "cannot look up interface '%s'", name);
	*out = link;
	return 0;
}

static int finish(struct link_socket *socket, const char *what, struct error *err)
{
	int code = talk(socket, NULL, NULL);

	return code ? fail(err, code, "%s", what) : 0;
}

int link_set_alias(struct link_socket *socket, unsigned index, const char *alias,
		   struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_str(socket->head, IFLA_IFALIAS, alias);
	return finish(socket, "cannot set the alias", err);
}

int link_set_mtu(struct link_socket *socket, unsigned index, unsigned mtu,
		 struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_u32(socket->head, IFLA_MTU, mtu);
	return finish(socket, "cannot set the MTU", err);
}

int link_set_master(struct link_socket *socket, unsigned index, unsigned master,
		    struct error *err)
{
	begin(socket, RTM_SETLINK, index);
	mnl_attr_put_u32(socket->head, IFLA_MASTER, master);
	return finish(socket, "cannot add it to the bridge", err);
}

int link_set_up(struct link_socket *socket, unsigned index, bool up, struct error *err)
{
	struct ifinfomsg *info = begin(socket, RTM_SETLINK, index);

	info->ifi_flags = up ? IFF_UP : 0;
	info->ifi_change = IFF_UP;
	return finish(socket, up ? "cannot set it up" : "cannot set it down", err);
}

int link_delete(struct link_socket *socket, unsigned index, struct error *err)
{
	int code;

	begin(socket, RTM_DELLINK, index);
	code = talk(socket, NULL, NULL);
	return code && code != ENODEV ? fail(err, code, "cannot delete it") : 0;
}
