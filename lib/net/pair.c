#include "net/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/own.h"
#include "base/random.h"
#include "net/link.h"

struct visit {
	int init;
	int (*body)(void *arg, struct error *err);
	void *arg;
};

static int enter(int init, struct error *err)
{
	if (setns(init, CLONE_NEWNET | CLONE_NEWUTS) < 0)
		return fail(err, errno, "cannot enter the container's network");
	return 0;
}

static int visit(void *arg, struct error *err)
{
	const struct visit *visit = arg;

	return enter(visit->init, err) < 0 ? -1 : visit->body(visit->arg, err);
}

int net_inside(int init, int (*body)(void *arg, struct error *err), void *arg,
	       struct error *err)
{
	struct visit work = { .init = init, .body = body, .arg = arg };

	return child_run(visit, &work, err);
}

static bool read_mac(const char *text, unsigned char mac[6])
{
	return text && sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1],
			      &mac[2], &mac[3], &mac[4], &mac[5]) == 6;
}

static int set_up(const char *name, struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct link link;

	if (!socket || link_find(socket, name, &link, err) < 0)
		return -1;
	return link_set_up(socket, link.index, true, err);
}

struct making {
	const struct net_pair *pair;
	int init;
};

/* The host's socket stays the host's in the container's namespace. */
static int make(void *arg, struct error *err)
{
	const struct making *making = arg;
	const struct net_pair *pair = making->pair;
	auto_link struct link_socket *host = link_open(err);
	struct veth_end here = { .name = pair->ifname, .mtu = pair->host_mtu },
			there = { .name = pair->name, .mtu = pair->mtu };
	auto_close int netns = -1;

	random_bytes(here.mac, sizeof(here.mac));
	here.mac[0] = 0xfe;
	if (!read_mac(pair->hwaddr, there.mac))
		return fail(err, EINVAL, "hwaddr '%s'", pair->hwaddr ? pair->hwaddr : "");
	if (!host || enter(making->init, err) < 0)
		return -1;
	netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return fail(err, errno, "cannot open '/proc/self/ns/net'");
	if (link_create_veth(host, &here, &there, netns, err) < 0)
		return -1;
	return set_up(pair->name, err);
}

int net_pair_create(int init, const struct net_pair *pair, struct error *err)
{
	struct making making = { .pair = pair, .init = init };

	return child_run(make, &making, err) < 0
		       ? fail_in(err, "interface '%s'", pair->ifname)
		       : 0;
}

int net_pair_far_end(const char *ifname, unsigned *index, struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct link link;

	if (!socket || link_find(socket, ifname, &link, err) < 0)
		return -1;
	if (!link.index || strcmp(link.kind, "veth") != 0 || !link.peer)
		return fail(err, 0, "interface '%s' does not exist", ifname);
	*index = link.peer;
	return 0;
}
