#include "ct/hotplug.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/volid.h"
#include "ct/monitor.h"
#include "ct/passthrough.h"
#include "ct/unused.h"
#include "ct/volumes.h"
#include "lxc/limits.h"

#define LIMIT_S 30

struct plugging {
	const struct mount_plan *plan;
	const struct guest_processes *processes;
	const char *root; /* the container's tree in the monitor's namespace */
	const struct mount_place *others;
	size_t other_count;
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

static int take_out(void *arg, struct error *err)
{
	const struct plugging *work = arg;

	alarm(LIMIT_S);
	return mount_take_out(work->plan, work->root, work->others, work->other_count,
			      work->processes->monitor, work->processes->init, err);
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

/* The container's other volumes. */
static struct mount_place *find_others(const struct config *config, const char *key,
				       size_t *count)
{
	auto_free const char **keys = config_volume_keys(config);
	struct mount_place *others = NULL;

	*count = 0;
	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		struct error ignored;

		if (strcmp(keys[i], key) == 0 ||
		    config_mountpoint(config, keys[i], &mp, &ignored) < 0)
			continue;
		others = grow_array(others, *count, sizeof(*others));
		others[(*count)++] = (struct mount_place){ xstrdup(keys[i]),
							   xstrdup(mp.mp ? mp.mp : "/") };
	}
	return others;
}

static int take_out_with(struct plugging *work, const struct config *config,
			 struct error *err)
{
	struct mount_place *others =
		find_others(config, work->plan->at[0].key, &work->other_count);
	int status;

	work->others = others;
	status = child_run(take_out, work, err);
	for (size_t i = 0; others && i < work->other_count; i++) {
		free(others[i].key);
		free(others[i].target);
	}
	free(others);
	return status;
}

int hotplug_unmount(const struct config *config, const char *key,
		    const struct storages *storages, struct error *err)
{
	auto_guest_processes struct guest_processes processes = GUEST_PROCESSES_INIT;
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", config->vmid);
	auto_mountpoint struct mountpoint mp = { 0 };
	auto_mount_plan struct mount_plan plan = { 0 };
	struct plugging work = { .plan = &plan, .processes = &processes, .root = root };
	struct error leaving;

	if (config_mountpoint(config, key, &mp, err) < 0 ||
	    guest_processes_open(config->vmid, &processes, err) < 0 ||
	    volumes_plan_hotplug(config, key, storages, &plan, NULL, err) < 0 ||
	    take_out_with(&work, config, err) < 0)
		return -1;
	/* Mounted twice: it stays in use. */
	if (volume_is_used_besides(config, key, mp.volume, USED_BY_MOUNTS))
		return 0;
	if (mount_wait_free(&plan, err) < 0)
		return -1;
	if (volume_kind(slice(mp.volume)) == VOLUME_STORAGE &&
	    volume_deactivate(storages, slice(mp.volume), NULL, &leaving) < 0)
		warn_plain("%s", leaving.text);
	return 0;
}

struct giving {
	unsigned vmid;
	const struct device *device;
	const struct guest_processes *processes;
	struct idmap map;
};

static int give(void *arg, struct error *err)
{
	const struct giving *work = arg;
	auto_close int node = -1;

	alarm(LIMIT_S);
	if (mount_enter(work->processes->monitor, "monitor", err) < 0)
		return -1;
	node = passthrough_add(work->vmid, work->device, &work->map, err);
	return node < 0 ? -1
			: mount_plug_node(node, work->device->path, &work->map,
					  work->processes->init, err);
}

static int give_device(const struct config *config, const struct device *device,
		       const struct host_device *node, struct error *err)
{
	auto_guest_processes struct guest_processes processes = GUEST_PROCESSES_INIT;
	struct giving work = { .vmid = config->vmid,
			       .device = device,
			       .processes = &processes };

	if (config_idmap(config, &work.map, err) < 0 ||
	    guest_processes_open(config->vmid, &processes, err) < 0 ||
	    child_run(give, &work, err) < 0)
		return -1;
	return limits_device(config->vmid, node, device->deny_write == 1, err);
}

int hotplug_device(const struct config *config, const char *key, const char *value,
		   struct error *err)
{
	auto_device struct device device = { 0 };
	struct host_device node;

	if (group_parse(slice(value), dev_props, &device, err) < 0)
		return fail_in(err, "%s", key);
	if (!is_mount_word(device.path))
		return fail(err, 0, "Device %s: blanks and backslashes are not allowed",
			    device.path);
	if (passthrough_device(device.path, &node, err) < 0)
		return -1;
	if (!host_device_is_forbidden(&node))
		return give_device(config, &device, &node, err);
	warn_plain("device '%s' is never passed through", device.path);
	return 0;
}
