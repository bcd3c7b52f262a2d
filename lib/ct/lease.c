#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/pidfd.h"
#include "ct/hooks.h"
#include "guest/guest.h"
#include "net/lease.h"

#define ADDRESS_S 8 /* until a link-local address is known to be unique; usually 2 */

/* DHCPv6 speaks from a link-local address, which the kernel makes when it is up. */
static void wait_for_address(struct link_socket *socket, unsigned index)
{
	int64_t end = clock_ms() + ADDRESS_S * 1000;

	while (!ip_has_link_local(socket, index) && clock_ms() < end)
		clock_pause(50);
}

static int prepare(struct link_socket *socket, unsigned index, int family,
		   struct error *err)
{
	if (link_set_up(socket, index, true, err) < 0)
		return -1;
	if (family == AF_INET6)
		wait_for_address(socket, index);
	return 0;
}

static struct ip_route route_of(const struct lease_route *route)
{
	return (struct ip_route){ .target = route->target,
				  .gateway = route->on_link ? NULL : &route->gateway };
}

/* A stranger's routes may make no sense: the address is worth having without them. */
static void set_routes(struct link_socket *socket, unsigned index,
		       const struct lease_state *state)
{
	struct error err;

	for (size_t i = 0; i < state->route_count; i++) {
		const struct ip_route route = route_of(&state->route[i]);

		if (ip_route_set(socket, index, &route, &err) < 0)
			warn_plain("%s", err.text);
	}
}

static int take(struct link_socket *socket, unsigned index, const struct lease_state *state,
		struct error *err)
{
	if (!state->has_address)
		return 0;
	if (ip_add(socket, index, &state->address, state->valid_s, state->preferred_s,
		   err) < 0)
		return -1;
	set_routes(socket, index, state);
	return 0;
}

static int drop(struct link_socket *socket, unsigned index, const struct lease_state *state,
		struct error *err)
{
	struct error ignored;

	for (size_t i = state->route_count; i > 0; i--) {
		const struct ip_route route = route_of(&state->route[i - 1]);

		(void)ip_route_remove(socket, index, &route, &ignored);
	}
	return state->has_address ? ip_remove(socket, index, &state->address, err) : 0;
}

/* What of the old lease is not in the new one goes, and then the new one comes. */
static int change(struct link_socket *socket, unsigned index, const struct lease *lease,
		  struct error *err)
{
	const struct ip *old = &lease->old.address, *now = &lease->now.address;
	bool stays =
		lease->old.has_address && lease->now.has_address && ip_is_same(old, now);

	if (!stays && drop(socket, index, &lease->old, err) < 0)
		return -1;
	return lease->event == LEASE_TAKE ? take(socket, index, &lease->now, err) : 0;
}

/* The container's init, whose network this process was started in. */
static int open_init(const char *number, struct error *err)
{
	auto_free char *theirs = xasprintf("/proc/%s/ns/net", number);
	auto_close int init = -1;
	struct stat their_ns, our_ns;
	uint64_t pid;

	if (!slice_number(slice(number), 1, INT32_MAX, &pid))
		return fail(err, EINVAL, "PCT_INIT '%s'", number);
	init = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (init < 0 || stat(theirs, &their_ns) < 0 ||
	    stat("/proc/self/ns/net", &our_ns) < 0)
		return fail(err, errno, "cannot find the container's init");
	if (their_ns.st_dev != our_ns.st_dev || their_ns.st_ino != our_ns.st_ino ||
	    !pidfd_is_alive(init))
		return fail(err, ESRCH, "the container has ended");
	return take_fd(&init);
}

static int write_dns(const char *init_number, const struct lease *lease, struct error *err)
{
	const struct guest_dns dns = { .domain = lease->domain,
				       .search = lease->search,
				       .servers = lease->servers };
	auto_close int init = open_init(init_number, err);

	return init < 0 ? -1 : guest_write_dns(init, &dns, err);
}

/* Names that were not written are told, and the address is the container's all the same. */
static int obey(const struct lease *lease, const char *ifname, const char *init,
		struct error *err)
{
	auto_link struct link_socket *socket = link_open(err);
	struct error untold;
	struct link link;

	if (!socket || link_find(socket, ifname, &link, err) < 0)
		return -1;
	if (!link.index)
		return fail(err, 0, "interface '%s' does not exist", ifname);
	if (lease->event == LEASE_PREPARE)
		return prepare(socket, link.index, lease->family, err);
	if (change(socket, link.index, lease, err) < 0)
		return -1;
	if (lease->event == LEASE_TAKE && write_dns(init, lease, &untold) < 0)
		warn_plain("%s: %s", ifname, untold.text);
	return 0;
}

int hook_lease(const char *(*get)(void *arg, const char *name), void *arg,
	       struct error *err)
{
	const char *ifname = get(arg, "interface"), *init = get(arg, "PCT_INIT");
	auto_lease struct lease lease = { 0 };

	if (!ifname || !init)
		return fail(err, 0, "'interface' or 'PCT_INIT' is not set");
	if (lease_read(get, arg, &lease, err) < 0)
		return fail_in(err, "%s", ifname);
	return lease.event == LEASE_NOTHING ? 0 : obey(&lease, ifname, init, err);
}
