#include <fcntl.h>
#include <stdio.h>

#include "base/child.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/snapshot.h"
#include "config/store.h"
#include "ct/cloneplan.h"
#include "ct/clonevolumes.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/marked.h"
#include "ct/snapshot.h"
#include "ct/task.h"
#include "ct/unused.h"
#include "ct/volumes.h"
#include "guest/guest.h"
#include "lxc/command.h"
#include "lxc/host.h"

#define MARK         "disk"
#define CREATE_S     5
#define FIREWALL_MAX (1024 * 1024)

static void cloning_done(struct cloning *cloning)
{
	config_free(cloning->state);
	config_free(cloning->config);
	storages_done(&cloning->storages);
}

#define auto_cloning __attribute__((cleanup(cloning_done)))

/* ---- what can be refused ---- */

static int take_state(struct cloning *cloning, const struct config *config,
		      struct error *err)
{
	const char *name = cloning->request->snapname;
	struct section *section;

	if (!name) {
		cloning->state = snapshot_view(config, &config->main);
		return 0;
	}
	if (snapshot_get(config, name, &section, err) < 0)
		return -1;
	if (section->snapstate)
		return fail(err, 0, "unable to clone incomplete snapshot (snapstate = %s)",
			    section->snapstate);
	cloning->state = snapshot_view(config, section);
	return 0;
}

static int check_linked(const struct cloning *cloning, const char *volid, struct error *err)
{
	bool can = false;

	if (volume_has_feature(&cloning->storages, slice(volid), cloning->request->snapname,
			       FEATURE_CLONE, &can, err) < 0)
		return -1;
	return can ? 0
		   : fail(err, 0, "Linked clone feature for '%s' is not available", volid);
}

static int check_volumes(const struct cloning *cloning, struct error *err)
{
	auto_free const char **keys = config_volume_keys(cloning->state);

	if (clone_check_volumes(cloning->state, err) < 0)
		return -1;
	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_volume(keys[i], config_get(cloning->state, keys[i]), err);
		const struct storage *st;

		if (!volid || (cloning->full ? clone_target(cloning, volid, &st, err)
					     : check_linked(cloning, volid, err)) < 0)
			return -1;
	}
	return 0;
}

/* What a full copy reads may not change meanwhile. */
static int check_stopped(const struct cloning *cloning, struct error *err)
{
	unsigned vmid = cloning->request->vmid;

	if (!cloning->full || cloning->request->snapname)
		return 0;
	if (lxc_is_running(vmid))
		return fail(err, 0,
			    "CT %u is running: a full clone needs a snapshot (--snapname)",
			    vmid);
	return ct_wait_gone(vmid, 10, err);
}

static int refuse(struct cloning *cloning, const struct config *config, struct error *err)
{
	const struct clone_request *request = cloning->request;

	cloning->full =
		request->full < 0 ? !config_bool(config, "template") : request->full > 0;
	if (request->storage && !cloning->full)
		return fail(err, 0, "parameter 'storage' not allowed for linked clones");
	if (config_exists(request->newid))
		return fail(err, 0, "CT %u already exists on node '%s'", request->newid,
			    path_node());
	if (ct_check_lock(config, NULL, err) < 0 || take_state(cloning, config, err) < 0 ||
	    check_volumes(cloning, err) < 0)
		return -1;
	return check_stopped(cloning, err);
}

static int make_config(struct cloning *cloning, struct error *err)
{
	auto_settings struct settings settings = { 0 };
	auto_notes struct notes notes = { 0 };

	settings_load(&settings, &notes);
	warn_notes(&notes);
	if (clone_config(cloning->state, cloning->request, &settings, &cloning->config,
			 err) < 0)
		return -1;
	config_set(cloning->config, "lock", "create");
	/* Until the end, as destroy has to remove what a crash leaves. */
	config_unset(cloning->config, "protection");
	return config_idmap(cloning->config, &cloning->map, err);
}

/* All questions, then the mark on the source. */
static int prepare(struct cloning *cloning, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lock_config(cloning->request->vmid, 10, &lock, err) < 0 ||
	    ct_load(cloning->request->vmid, &config, err) < 0)
		return -1;
	ct_load_storages(&cloning->storages);
	if (refuse(cloning, config, err) < 0 || make_config(cloning, err) < 0)
		return -1;
	return mark_set(config, MARK, err);
}

/* ---- the guest's files, the firewall's ---- */

static int set_up_mounted(const struct cloning *cloning, int rootfd, struct notes *notes,
			  struct error *err)
{
	auto_guest_facts struct guest_facts facts = { 0 };
	struct guest_os os;

	guest_facts_collect(&facts);
	if (guest_detect(rootfd, &cloning->map, cloning->config, &os, notes, err) < 0)
		return -1;
	return guest_setup(&(struct guest_job){ .rootfd = rootfd,
						.map = &cloning->map,
						.config = cloning->config,
						.facts = &facts,
						.event = GUEST_CLONE },
			   notes, err);
}

/* In a child: the mounts end with it. */
static int set_up(void *arg, struct error *err)
{
	const struct cloning *cloning = arg;
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", cloning->request->newid);
	auto_free char *dir = path_in(PATH_LXC, "%u", cloning->request->newid);
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_close int rootfd = -1;
	int status;

	if (mount_private(err) < 0 || path_make(PATH_LXC, err) < 0 ||
	    make_dir(dir, 0755, err) < 0 ||
	    volumes_plan(cloning->config, &cloning->storages, MOUNT_IGNORE_RO, &plan,
			 &notes, err) < 0)
		return -1;
	rootfd = mount_apply(&plan, root, err);
	if (rootfd < 0)
		return -1;
	status = set_up_mounted(cloning, rootfd, &notes, err);
	warn_task_notes(&notes);
	return status;
}

static int copy_firewall(const struct clone_request *request, struct error *err)
{
	auto_free char *from = path_in(PATH_FIREWALL, "%u.fw", request->vmid);
	auto_free char *to = path_in(PATH_FIREWALL, "%u.fw", request->newid);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (!path_exists(from))
		return 0;
	if (read_file(AT_FDCWD, from, FIREWALL_MAX, &text, err) < 0)
		return -1;
	return save_path(to, strbuf_slice(&text), 0640, err);
}

/* ---- the whole ---- */

static int complete(struct cloning *cloning, struct error *err)
{
	const char *protection = config_get(cloning->state, "protection");

	if (protection)
		config_set(cloning->config, "protection", protection);
	config_unset(cloning->config, "lock");
	return config_save(cloning->config, err);
}

static int build(struct cloning *cloning, struct error *err)
{
	const struct clone_request *request = cloning->request;

	printf("creating a clone of container %u with ID %u\n", request->vmid,
	       request->newid);
	if (copy_firewall(request, err) < 0 || clone_volumes(cloning, err) < 0 ||
	    interrupt_check(err) < 0 || child_run(set_up, cloning, err) < 0)
		return -1;
	return complete(cloning, err);
}

/* The file goes last: as long as it is there, destroy can finish what fails here. */
static int undo(struct cloning *cloning, struct error *err)
{
	unsigned newid = cloning->request->newid;
	auto_free char *firewall = path_in(PATH_FIREWALL, "%u.fw", newid);

	if (clone_free_volumes(cloning, err) < 0 || lxc_config_remove(newid, err) < 0 ||
	    remove_file(firewall, err) < 0)
		return -1;
	return config_remove(newid, err);
}

static int fail_cloning(struct cloning *cloning, struct error *err)
{
	struct error undoing;

	if (undo(cloning, &undoing) < 0)
		warn_task("%s", undoing.text);
	if (interrupt_seen())
		interrupt_check(err);
	return fail_prefix(err, "clone failed: ");
}

/*
 * The id is ours from the moment that the file with "lock: create" is there. Its config
 * lock is held all the time: destroy waits for the end.
 */
static int make_clone(struct cloning *cloning, struct error *err)
{
	auto_lock struct lock lock = { 0 };

	if (lock_config(cloning->request->newid, CREATE_S, &lock, err) < 0 ||
	    config_create(cloning->config, err) < 0)
		return -1;
	return build(cloning, err) < 0 ? fail_cloning(cloning, err) : 0;
}

int ct_clone(const struct clone_request *request, struct error *err)
{
	auto_cloning struct cloning cloning = { .request = request };
	struct error unlocking;
	int status;

	if (prepare(&cloning, err) < 0)
		return -1;
	task_announce("clone", "vzclone", request->vmid);
	status = make_clone(&cloning, err);
	if (mark_clear(request->vmid, MARK, &unlocking) < 0)
		warn_task("%s", unlocking.text);
	return status;
}
