#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "ct/guard.h"
#include "ct/hooks.h"
#include "ct/passthrough.h"
#include "ct/report.h"
#include "ct/search.h"
#include "ct/setup.h"
#include "ct/volumes.h"
#include "lxc/cgroup.h"

/* What the steps share. */
struct start {
	unsigned vmid;
	const struct config *config;
	struct idmap map;
	char *root; /* PATH_LXC/<id>/rootfs */
	int rootfd; /* its mount */
	bool skiplock;
	struct notes notes;
};

static void start_done(struct start *start)
{
	free_ptr(&start->root);
	close_fd(&start->rootfd);
	notes_done(&start->notes);
}

/* Mounts made in the host's own namespace would stay there (runtime.md 13 item 8). */
static int check_namespace(struct start *start, struct error *err)
{
	struct stat own, host;

	(void)start;
	if (stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &host) == 0 &&
	    own.st_dev == host.st_dev && own.st_ino == host.st_ino)
		return fail(err, 0,
			    "the monitor has no mount namespace of its own: "
			    "lxc.monitor.unshare = 1 is missing");
	return 0;
}

static int check_lock(struct start *start, struct error *err)
{
	return start->skiplock ? 0 : ct_check_lock(start->config, "mounted", err);
}

static int read_idmap(struct start *start, struct error *err)
{
	return config_idmap(start->config, &start->map, err);
}

static int check_search(struct start *start, struct error *err)
{
	return search_check(start->root, &start->map, err);
}

static int clean_cgroups(struct start *start, struct error *err)
{
	return cgroup_clean(start->vmid, err);
}

static int remove_flags(struct start *start, struct error *err)
{
	auto_free char *reboot = path_in(PATH_LXC, "%u/reboot", start->vmid);
	auto_free char *devices = path_in(PATH_LXC, "%u/devices", start->vmid);

	return remove_file(reboot, err) < 0 || remove_file(devices, err) < 0 ? -1 : 0;
}

static int remove_mounts(struct start *start, struct error *err)
{
	auto_free char *passthrough = path_in(PATH_LXC, "%u/passthrough", start->vmid);

	return mount_remove(start->root, err) < 0 || mount_detach(passthrough, err) < 0 ? -1
											: 0;
}

static int remove_interfaces(struct start *start, struct error *err)
{
	return ct_remove_interfaces(start->config, err);
}

static int mount_volumes(struct start *start, struct error *err)
{
	auto_storages struct storages storages = { 0 };

	storages_load(&storages, NULL);
	start->rootfd = volumes_mount(start->config, &storages, &start->notes, err);
	return start->rootfd < 0 ? -1 : mount_share(start->rootfd, err);
}

static int make_devices(struct start *start, struct error *err)
{
	return passthrough_make(start->config, &start->map, start->root, err);
}

static int setup_guest(struct start *start, struct error *err)
{
	return setup_apply(start->config, &start->map, start->rootfd, &start->notes, err);
}

/* In the order of runtime.md 3.2. */
static int (*const steps[])(struct start *start, struct error *err) = {
	check_namespace, check_lock,   read_idmap,        check_search,
	clean_cgroups,   remove_flags, remove_interfaces, remove_mounts,
	mount_volumes,   make_devices, setup_guest,
};

static bool consume_skiplock(unsigned vmid)
{
	auto_free char *flag = path_in(PATH_RUN_LXC, "skiplock-%u", vmid);

	return unlink(flag) == 0;
}

int hook_pre_start(unsigned vmid, struct error *err)
{
	__attribute__((cleanup(start_done))) struct start start = {
		.vmid = vmid,
		.rootfd = -1,
		.root = path_in(PATH_LXC, "%u/rootfs", vmid),
		.skiplock = consume_skiplock(vmid),
	};
	auto_config struct config *config = NULL;
	auto_close int warnings = -1;
	int status = 0;

	if (report_begin(vmid, err) < 0)
		return -1;
	warnings = report_open(vmid, err);
	if (warnings < 0 || config_load(vmid, &config, NULL, err) < 0)
		return -1;
	start.config = config;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == 0; i++)
		status = steps[i](&start, err);
	report_notes(warnings, &start.notes);
	return status;
}
