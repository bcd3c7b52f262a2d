#include <string.h>

#include "base/child.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/marked.h"
#include "ct/volumes.h"
#include "lxc/command.h"

#define MARK   "fstrim"
#define GONE_S 10

struct trimming {
	const struct config *config;
	bool root_only;
};

/*
 * At the staged original: the way to where the guest sees it belongs to the guest, who
 * may run.
 */
static void trim(const char *key)
{
	auto_free char *path = path_in(PATH_LXC, ".pve-staged-mounts/%s", key);
	const char *const argv[] = { "fstrim", "-v", path, NULL };
	struct error err;

	if (process_run(&(struct process){ .argv = argv }, &err) < 0)
		warn_plain("%s: %s", key, err.text);
}

static int trim_volumes(const struct trimming *work, const struct storages *storages,
			struct notes *notes, struct error *err)
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_close int rootfd = -1;
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", work->config->vmid);

	if (volumes_plan(work->config, storages, 0, &plan, notes, err) < 0 ||
	    mount_private(err) < 0 || mount_remove(root, err) < 0)
		return -1;
	rootfd = volumes_mount(work->config, storages, NULL, err);
	if (rootfd < 0)
		return -1;
	for (size_t i = 0; i < plan.count && !(work->root_only && i > 0); i++)
		if (plan.at[i].kind != MOUNT_BIND && !plan.at[i].ro)
			trim(plan.at[i].key);
	return 0;
}

/* In a child, whose mounts end with it. */
static int mount_and_trim(void *arg, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };
	int status;

	storages_load(&storages, NULL);
	status = trim_volumes(arg, &storages, &notes, err);
	warn_notes(&notes);
	return status;
}

static int begin(unsigned vmid, struct config **config, struct error *err)
{
	auto_lock struct lock lock = { 0 };

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, config, err) < 0 || ct_check_lock(*config, NULL, err) < 0 ||
	    (!lxc_is_running(vmid) && ct_wait_gone(vmid, GONE_S, err) < 0))
		return -1;
	return mark_set(*config, MARK, err);
}

int ct_fstrim(unsigned vmid, bool root_only, struct error *err)
{
	auto_config struct config *config = NULL;
	struct trimming work = { .root_only = root_only };
	struct error clearing;
	int status;

	if (begin(vmid, &config, err) < 0)
		return -1;
	work.config = config;
	status = child_run(mount_and_trim, &work, err);
	if (mark_clear(vmid, MARK, &clearing) < 0) {
		warn_plain("%s", clearing.text);
		return status < 0 ? -1 : fail(err, 0, "the lock '" MARK "' is still there");
	}
	return status;
}
