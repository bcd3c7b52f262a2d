#include "ct/netinside.h"

#include "net/ip.h"
#include "net/pair.h"

struct inside_work {
	const struct live_step *step;
	unsigned index;
};

static int change_route(struct link_socket *socket, unsigned index,
			const struct ip *gateway, enum live_action action,
			struct error *err)
{
	bool is_host = action == LIVE_ROUTE || action == LIVE_NO_ROUTE;
	struct ip_route route = { .target = { .family = gateway->family } };

	if (is_host)
		route.target = *gateway;
	else
		route.gateway = gateway;
	return action == LIVE_ROUTE || action == LIVE_GATEWAY
		       ? ip_route_set(socket, index, &route, err)
		       : ip_route_remove(socket, index, &route, err);
}

static int do_inside(void *arg, struct error *err)
{
	const struct inside_work *work = arg;
	const struct live_step *step = work->step;
	auto_link struct link_socket *socket = link_open(err);
	struct ip ip;

	if (!socket)
		return -1;
	if (step->action == LIVE_UP)
		return link_set_up(socket, work->index, true, err);
	if (!ip_parse(step->text, step->family, &ip))
		return fail(err, 0, "'%s' is no address", step->text);
	switch (step->action) {
	case LIVE_ADD: return ip_add(socket, work->index, &ip, 0, 0, err);
	case LIVE_DROP: return ip_remove(socket, work->index, &ip, err);
	default: return change_route(socket, work->index, &ip, step->action, err);
	}
}

int net_step_inside(int init, const char *ifname, const struct live_step *step,
		    struct error *err)
{
	struct inside_work work = { .step = step };

	if (net_pair_far_end(ifname, &work.index, err) < 0 ||
	    net_inside(init, do_inside, &work, err) < 0)
		return step->text ? fail_in(err, "%s", step->text) : -1;
	return 0;
}
