#include "ct/hotplug.h"

#include <unistd.h>

#include "base/child.h"
#include "base/log.h"
#include "ct/monitor.h"
#include "ct/volumes.h"

#define LIMIT_S 30

struct plugging {
	const struct mount_plan *plan;
	const struct guest_processes *processes;
};

/* The guest may have mounted what does not answer on the way to the target. */
static int plug(void *arg, struct error *err)
{
	const struct plugging *work = arg;

	alarm(LIMIT_S);
	return mount_plug(work->plan, work->processes->monitor, work->processes->init, err);
}

static int unplug(void *arg, struct error *err)
{
	const struct plugging *work = arg;

	alarm(LIMIT_S);
	return mount_unplug(work->plan->at[0].key, work->processes->monitor, err);
}

int hotplug_mount(const struct config *config, const char *key,
		  const struct storages *storages, struct error *err)
{
	auto_guest_processes struct guest_processes processes = GUEST_PROCESSES_INIT;
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct plugging work = { .plan = &plan, .processes = &processes };
	struct error leaving;
	int status;

	if (guest_processes_open(config->vmid, &processes, err) < 0)
		return -1;
	status = volumes_plan_hotplug(config, key, storages, &plan, &notes, err);
	warn_notes(&notes);
	if (status < 0)
		return -1;
	if (child_run(plug, &work, err) == 0)
		return 0;
	if (child_run(unplug, &work, &leaving) < 0)
		warn_plain("%s: %s", key, leaving.text);
	return -1;
}
