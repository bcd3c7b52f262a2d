#include "ct/settle.h"

#include "base/log.h"
#include "config/store.h"
#include "ct/changehost.h"
#include "ct/guard.h"
#include "ct/pending.h"
#include "lxc/host.h"

int ct_apply_pending(struct config *config, struct notes *notes, struct error *err)
{
	auto_change_host struct change_host host = { 0 };
	auto_problems struct problems problems = { 0 };
	struct apply_host apply;

	if (pending_is_empty(config))
		return 0;
	change_host_init(&host, config);
	apply = change_host_apply(&host);
	apply_stopped(config, NULL, &apply, &problems);
	for (size_t i = 0; i < problems.count; i++)
		notes_add(notes, "%s", problems.at[i].text);
	if (config_save(config, err) == 0)
		return 1;
	change_host_undo(&host);
	return -1;
}

int ct_settle(unsigned vmid, struct notes *notes, struct error *err)
{
	auto_config struct config *config = NULL;
	int applied;

	if (ct_has_monitor(vmid))
		return 0;
	if (config_load(vmid, &config, NULL, err) < 0)
		return -1;
	applied = ct_apply_pending(config, notes, err);
	if (applied > 0)
		ct_regenerate(config);
	return applied < 0 ? -1 : 0;
}

void ct_regenerate(const struct config *config)
{
	struct error err;

	if (lxc_config_write(config, NULL, &err) < 0)
		debug("%s", err.text);
}
