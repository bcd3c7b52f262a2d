#include "base/own.h"
#include "config/store.h"
#include "ct/hooks.h"
#include "ct/report.h"
#include "net/net.h"

static int plug(const struct config *config, unsigned index, struct notes *notes,
		struct error *err)
{
	auto_net struct net net = { 0 };
	struct bridge_facts facts = { 0 };
	struct net_plan plan;

	if (config_net(config, index, &net, err) < 0)
		return fail_in(err, "net%u", index);
	if (!net.bridge)
		return fail(err, 0, "net%u: no bridge is set", index);
	if (net_bridge_facts(net.bridge, &facts, err) < 0 ||
	    net_plan_plug(config->vmid, index, &net, &facts, &plan, notes, err) < 0)
		return -1;
	return net_apply(&plan, err);
}

int hook_net_up(unsigned vmid, const char *ifname, struct error *err)
{
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	auto_close int warnings = -1;
	unsigned owner, index;
	int status;

	if (!net_ifname_parse(ifname, &owner, &index) || owner != vmid)
		return fail(err, 0, "'%s' is not an interface of container %u", ifname,
			    vmid);
	if (config_load(vmid, &config, NULL, err) < 0)
		return -1;
	warnings = report_open(vmid, err);
	if (warnings < 0)
		return -1;
	status = plug(config, index, &notes, err);
	report_notes(warnings, &notes);
	return status;
}
