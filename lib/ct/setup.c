#include "ct/setup.h"

#include <stdio.h>

#include "base/child.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/volumes.h"
#include "guest/guest.h"
#include "lxc/command.h"

#define GONE_S 10

/* With diff only tell what would be written. */
static int write_files(const struct config *config, const struct idmap *map, int rootfd,
		       struct strbuf *diff, struct notes *notes, struct error *err)
{
	auto_guest_facts struct guest_facts facts = { 0 };
	const struct guest_job job = { .rootfd = rootfd,
				       .map = map,
				       .config = config,
				       .facts = &facts,
				       .event = GUEST_START };

	guest_facts_collect(&facts);
	return diff ? guest_preview(&job, diff, notes, err) : guest_setup(&job, notes, err);
}

int setup_apply(const struct config *config, const struct idmap *map, int rootfd,
		struct notes *notes, struct error *err)
{
	return write_files(config, map, rootfd, NULL, notes, err);
}

struct work {
	const struct config *config;
	bool dry_run;
};

static int mount_and_write(const struct work *work, struct strbuf *diff,
			   struct notes *notes, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_close int rootfd = -1;
	struct idmap map;

	storages_load(&storages, notes);
	if (config_idmap(work->config, &map, err) < 0 || mount_private(err) < 0)
		return -1;
	rootfd = work->dry_run
			 ? volumes_mount_read_only(work->config, &storages, notes, err)
			 : volumes_mount(work->config, &storages, notes, err);
	if (rootfd < 0)
		return -1;
	return write_files(work->config, &map, rootfd, work->dry_run ? diff : NULL, notes,
			   err);
}

/* In a child: the mounts end with it. */
static int run(void *arg, struct error *err)
{
	auto_strbuf struct strbuf diff = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	int status = mount_and_write(arg, &diff, &notes, err);

	warn_task_notes(&notes);
	fwrite(diff.at, 1, diff.len, stdout);
	return status;
}

/* Its files belong to it while it runs, and those of a template to its clones. */
static int refuse(const struct config *config, struct error *err)
{
	if (config_bool(config, "template"))
		return fail(err, 0, "CT %u is a template", config->vmid);
	if (lxc_is_running(config->vmid))
		return fail(err, 0, "CT %u is running", config->vmid);
	return ct_check_lock(config, NULL, err);
}

int ct_setup(unsigned vmid, bool dry_run, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	struct work work = { .dry_run = dry_run };

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0 || refuse(config, err) < 0 ||
	    ct_wait_gone(vmid, GONE_S, err) < 0)
		return -1;
	work.config = config;
	return child_run(run, &work, err);
}
