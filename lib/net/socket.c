#include "net/socket.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/own.h"

#define ANSWER_MAX 32768 /* an interface with many virtual functions is told at length */

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

void socket_begin(struct link_socket *socket, uint16_t type, uint16_t flags)
{
	socket->head = mnl_nlmsg_put_header(socket->request);
	socket->head->nlmsg_type = type;
	socket->head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	socket->head->nlmsg_seq = ++socket->sequence;
}

int socket_talk(struct link_socket *socket, mnl_cb_t on_message, void *data)
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

int socket_finish(struct link_socket *socket, const char *what, struct error *err)
{
	int code = socket_talk(socket, NULL, NULL);

	return code ? fail(err, code, "%s", what) : 0;
}
