#include "ct/hotnet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/netinside.h"
#include "ct/netplan.h"
#include "ct/pending.h"
#include "guest/guest.h"
#include "lxc/command.h"
#include "net/dhcp.h"
#include "net/net.h"
#include "net/pair.h"

#define FILES_S   20   /* the guest may have mounted what does not answer */
#define PLAIN_MTU 1500 /* of an interface that is in no bridge */

/* One change while it is made. */
struct change {
	struct config *disk;
	const char *key;
	unsigned index;
	struct net old, new;
	bool has_old, has_new;
	const char *wanted; /* value */
	struct strbuf now;  /* the value in force; empty: none */
	int init;           /* pidfd */
	struct net_plan unplug, plug, old_plug;
	bool can_go_back;
	unsigned mtu; /* of the new bridge */
	bool given_up[2];
};

static void change_done(struct change *change)
{
	net_done(&change->old);
	net_done(&change->new);
	strbuf_done(&change->now);
	close_fd(&change->init);
}
#define auto_change __attribute__((cleanup(change_done)))
#define CHANGE_INIT                             \
	{                                       \
		.now = STRBUF_INIT, .init = -1, \
	}

/* ---- what is to be done is known before anything is ---- */

static int plan_plug(const struct change *change, const struct net *net,
		     struct net_plan *plan, unsigned *mtu, struct notes *notes,
		     struct error *err)
{
	struct bridge_facts facts = { 0 };

	if (net->bridge && net_bridge_facts(net->bridge, &facts, err) < 0)
		return -1;
	*mtu = facts.mtu ? facts.mtu : PLAIN_MTU;
	return net_plan_plug(change->disk->vmid, change->index, net, &facts, plan, notes,
			     err);
}

static bool touches_plug(const struct live_plan *plan)
{
	for (unsigned i = 0; i < plan->count; i++)
		if (plan->step[i].action == LIVE_CREATE ||
		    plan->step[i].action == LIVE_REPLUG ||
		    plan->step[i].action == LIVE_RATE)
			return true;
	return false;
}

static int prepare(struct change *change, const struct live_plan *plan, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	struct error ignored;
	unsigned mtu;
	int status;

	if (net_plan_unplug(change->disk->vmid, change->index, &change->unplug, err) < 0)
		return -1;
	change->init = lxc_get_init_pidfd(change->disk->vmid, err);
	if (change->init < 0)
		return -1;
	if (!touches_plug(plan))
		return 0;
	status = plan_plug(change, &change->new, &change->plug, &change->mtu, &notes, err);
	warn_notes(&notes);
	change->can_go_back =
		change->has_old && plan_plug(change, &change->old, &change->old_plug, &mtu,
					     NULL, &ignored) == 0;
	return status;
}

/* ---- the file ---- */

/* Take sub-keys of the wanted value over into the one that is in force. */
static int take_over(struct change *change, const char *const *names, struct error *err)
{
	for (; *names; names++) {
		auto_free char *value = NULL;
		struct strbuf merged = STRBUF_INIT;

		if (group_value(slice(change->wanted), net_props, *names, &value, err) <
			    0 ||
		    group_with(strbuf_slice(&change->now), net_props, *names, value,
			       &merged, err) < 0) {
			strbuf_done(&merged);
			return -1;
		}
		strbuf_done(&change->now);
		change->now = merged;
	}
	return 0;
}

static int save(struct change *change, struct error *err)
{
	if (change->now.len)
		config_set(change->disk, change->key, change->now.at);
	else
		config_unset(change->disk, change->key);
	if (change->now.len && strcmp(change->now.at, change->wanted) == 0)
		section_drop(&change->disk->pending, change->key);
	return config_save(change->disk, err);
}

static int save_link(struct change *change, struct error *err)
{
	static const char *const names[] = { "bridge", "firewall", "hwaddr", "link_down",
					     "name",   "rate",     "tag",    "trunks",
					     "type",   NULL };
	static const char *const mtu[] = { "mtu", NULL };
	bool is_first = !change->now.len;

	if (is_first)
		strbuf_addf(&change->now, "name=%s", change->new.name);
	if (take_over(change, names, err) < 0 ||
	    (is_first && take_over(change, mtu, err) < 0))
		return -1;
	return save(change, err);
}

static int save_family(struct change *change, int family, struct error *err)
{
	static const char *const ipv4[] = { "gw", "ip", NULL };
	static const char *const ipv6[] = { "gw6", "ip6", NULL };

	return take_over(change, family == AF_INET ? ipv4 : ipv6, err) < 0
		       ? -1
		       : save(change, err);
}

static int save_all(struct change *change, struct error *err)
{
	static const char *const names[] = { "host-managed", NULL };

	return take_over(change, names, err) < 0 ? -1 : save(change, err);
}

/* ---- the host end ---- */

static int remove_pair(struct change *change, struct error *err)
{
	if (net_remove(change->unplug.ifname, err) < 0)
		return -1;
	strbuf_cut(&change->now, 0);
	return save(change, err);
}

static int create_pair(struct change *change, struct error *err)
{
	const struct net *net = &change->new;
	const struct net_pair pair = { .ifname = change->plug.ifname,
				       .name = net->name,
				       .hwaddr = net->hwaddr,
				       .mtu = net->mtu > 0 ? (unsigned)net->mtu
							   : change->mtu,
				       .host_mtu = change->mtu };
	struct error ignored;

	/* One of a change that was killed. */
	if (net_remove(pair.ifname, err) < 0 ||
	    net_pair_create(change->init, &pair, err) < 0)
		return -1;
	if (net_apply(&change->plug, err) == 0)
		return 0;
	net_remove(pair.ifname, &ignored);
	return -1;
}

static int replug(struct change *change, struct error *err)
{
	struct error back;

	if (net_apply(&change->unplug, err) == 0 && net_apply(&change->plug, err) == 0)
		return 0;
	if (!change->can_go_back || net_apply(&change->unplug, &back) < 0 ||
	    net_apply(&change->old_plug, &back) < 0)
		warn_plain("%s: the old plug could not be restored", change->key);
	return -1;
}

/* ---- inside ---- */

static int write_guest(const struct change *change, struct error *err)
{
	auto_guest_facts struct guest_facts facts = { 0 };
	auto_notes struct notes notes = { 0 };
	const struct guest_job job = { .rootfd = change->init,
				       .is_running = true,
				       .config = change->disk,
				       .facts = &facts,
				       .event = GUEST_NETWORK,
				       .timeout_s = FILES_S };
	int status;

	guest_facts_collect(&facts);
	status = guest_setup(&job, &notes, err);
	warn_notes(&notes);
	return status;
}

static int run_client(const struct change *change, const struct net *net, int family,
		      bool start, struct error *err)
{
	const struct dhcp_client client = { .vmid = change->disk->vmid,
					    .family = family,
					    .ifname = net->name,
					    .init = change->init };

	if (start)
		return dhcp_start(&client, err) < 0 ? fail_prefix(err, "DHCP failed - ")
						    : 0;
	return dhcp_stop(&client, err);
}

/* ---- the steps ---- */

static int do_step(struct change *change, const struct live_step *step, struct error *err)
{
	switch (step->action) {
	case LIVE_STOP_DHCP:
		return run_client(change, &change->old, step->family, false, err);
	case LIVE_START_DHCP:
		return run_client(change, &change->new, step->family, true, err);
	case LIVE_REMOVE: return remove_pair(change, err);
	case LIVE_CREATE: return create_pair(change, err);
	case LIVE_REPLUG: return replug(change, err);
	case LIVE_RATE: return 0; /* the plan of the plug has told that it has no effect */
	case LIVE_SAVE_LINK: return save_link(change, err);
	case LIVE_SAVE_FAMILY: return save_family(change, step->family, err);
	case LIVE_SAVE_ALL: return save_all(change, err);
	case LIVE_GUEST_FILES: return write_guest(change, err);
	default: return net_step_inside(change->init, change->unplug.ifname, step, err);
	}
}

enum judgement { ENDS_ALL, ENDS_FAMILY, ENDS_NOTHING };

/* What a failure of the step means for the others. */
static enum judgement judge(enum live_action action)
{
	switch (action) {
	case LIVE_ADD:
	case LIVE_ROUTE:
	case LIVE_GATEWAY: return ENDS_FAMILY;
	case LIVE_REMOVE:
	case LIVE_CREATE:
	case LIVE_REPLUG:
	case LIVE_SAVE_LINK:
	case LIVE_SAVE_FAMILY:
	case LIVE_SAVE_ALL: return ENDS_ALL;
	default: return ENDS_NOTHING;
	}
}

/* A family that is given up keeps what it had: its new address goes again. */
static void give_up(struct change *change, const struct live_plan *plan,
		    const struct live_step *failed)
{
	struct error ignored;

	change->given_up[failed->family == AF_INET6] = true;
	for (const struct live_step *step = plan->step; step < failed; step++)
		if (step->action == LIVE_ADD && step->family == failed->family) {
			struct live_step undo = *step;

			undo.action = LIVE_DROP;
			(void)net_step_inside(change->init, change->unplug.ifname, &undo,
					      &ignored);
		}
}

static int run(struct change *change, const struct live_plan *plan, struct error *err)
{
	for (unsigned i = 0; i < plan->count; i++) {
		const struct live_step *step = &plan->step[i];
		enum judgement judgement = judge(step->action);
		struct error own;

		if ((step->family && change->given_up[step->family == AF_INET6]) ||
		    do_step(change, step, &own) == 0)
			continue;
		if (judgement == ENDS_ALL) {
			*err = own;
			return -1;
		}
		warn_plain("%s: %s", change->key, own.text);
		if (judgement == ENDS_FAMILY)
			give_up(change, plan, step);
	}
	return 0;
}

static int begin(struct change *change, struct config *disk, const char *key,
		 const char *value, struct error *err)
{
	const char *old = config_get(disk, key);
	uint64_t index;

	change->disk = disk;
	change->key = key;
	change->wanted = value;
	if (!slice_number(slice_from(slice(key), 3), 0, NET_COUNT - 1, &index))
		return fail(err, EINVAL, "'%s'", key);
	change->index = (unsigned)index;
	if (value && group_parse(slice(value), net_props, &change->new, err) < 0)
		return -1;
	change->has_new = value != NULL;
	/* One that cannot be read is not in the kernel either: its start would have failed.
	 */
	change->has_old = old && group_parse(slice(old), net_props, &change->old, err) == 0;
	if (change->has_old)
		strbuf_adds(&change->now, old);
	return 0;
}

/* Write down what is asked for; back gets what the pending section had, or NULL. */
static int announce(struct change *change, char **back, struct error *err)
{
	struct config *disk = change->disk;

	*back = section_get(&disk->pending, change->key);
	if (change->has_new) {
		section_put(&disk->pending, change->key, change->wanted);
		pending_drop_delete(disk, change->key);
	} else {
		section_drop(&disk->pending, change->key);
		pending_add_delete(disk, change->key);
	}
	return config_save(disk, err);
}

/* It was not done, and is not to be done either. */
static void withdraw(struct change *change, const char *back)
{
	struct error untold;

	if (back)
		section_put(&change->disk->pending, change->key, back);
	else
		section_drop(&change->disk->pending, change->key);
	pending_drop_delete(change->disk, change->key);
	if (config_save(change->disk, &untold) < 0)
		warn_plain("%s", untold.text);
}

static int carry_out(struct change *change, const struct live_plan *plan, struct error *err)
{
	auto_free char *back = NULL;
	bool had = change->now.len > 0;

	if (prepare(change, plan, err) < 0 || announce(change, &back, err) < 0)
		return -1;
	if (run(change, plan, err) == 0)
		return 0;
	/* Where the old pair has gone, a start brings the new one: that goes on waiting. */
	if (had == (change->now.len > 0))
		withdraw(change, back);
	return -1;
}

int hotnet_set(struct config *disk, const char *key, const char *value, struct strbuf *now,
	       struct error *err)
{
	auto_change struct change change = CHANGE_INIT;
	struct live_plan plan;

	if (begin(&change, disk, key, value, err) < 0)
		return -1;
	net_plan_live(change.has_old ? &change.old : NULL, &change.new, &plan);
	if (plan.count && carry_out(&change, &plan, err) < 0)
		return -1;
	strbuf_add_slice(now, strbuf_slice(&change.now));
	return 0;
}

int hotnet_delete(struct config *disk, const char *key, struct error *err)
{
	auto_change struct change change = CHANGE_INIT;
	struct live_plan plan;

	if (begin(&change, disk, key, NULL, err) < 0)
		return -1;
	net_plan_live(change.has_old ? &change.old : NULL, NULL, &plan);
	if (carry_out(&change, &plan, err) < 0)
		return -1;
	config_unset(disk, key);
	pending_drop_delete(disk, key);
	return config_save(disk, err);
}
