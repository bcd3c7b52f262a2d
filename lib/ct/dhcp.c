#include "ct/dhcp.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/guard.h"
#include "ct/netplan.h"
#include "lxc/command.h"
#include "net/dhcp.h"

#define START_S 120

static void start_one(const struct config *config, unsigned index, int family)
{
	auto_net struct net net = { 0 };
	struct dhcp_client client = { .vmid = config->vmid, .family = family };
	auto_close int init = -1;
	struct error err;

	if (config_net(config, index, &net, &err) < 0 || !net_has_client(&net, family))
		return;
	init = lxc_get_init_pidfd(config->vmid, &err);
	client.init = init;
	client.ifname = net.name;
	if (init < 0 || dhcp_start(&client, &err) < 0)
		warn_task("DHCP failed - net%u: %s", index, err.text);
}

void ct_dhcp_start(const struct config *config)
{
	for (unsigned i = 0; i < NET_COUNT; i++)
		start_one(config, i, AF_INET);
	for (unsigned i = 0; i < NET_COUNT; i++)
		start_one(config, i, AF_INET6);
}

static bool has_clients(const struct config *config)
{
	for (unsigned i = 0; i < NET_COUNT; i++) {
		auto_net struct net net = { 0 };
		struct error absent;

		if (config_net(config, i, &net, &absent) == 0 &&
		    (net_has_client(&net, AF_INET) || net_has_client(&net, AF_INET6)))
			return true;
	}
	return false;
}

static int wait_running(unsigned vmid, struct error *err)
{
	int64_t end = clock_ms() + START_S * 1000;
	enum lxc_state state;

	while (lxc_get_state(vmid, &state, err) < 0 || state != LXC_RUNNING) {
		if (!ct_has_monitor(vmid) || clock_ms() > end)
			return fail(err, 0, "CT %u does not run", vmid);
		clock_pause(50);
	}
	return 0;
}

int ct_dhcp_follow(unsigned vmid, struct error *err)
{
	auto_config struct config *config = NULL;

	if (config_load(vmid, &config, NULL, err) < 0)
		return -1;
	if (!has_clients(config))
		return 0;
	if (wait_running(vmid, err) < 0)
		return -1;
	ct_dhcp_start(config);
	return 0;
}
