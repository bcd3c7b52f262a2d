#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "mount/stage.h"
#include "mount/walk.h"

#define PROFILE "pve-container-mounthotplug"

int mount_enter(int pidfd, const char *whose, struct error *err)
{
	if (setns(pidfd, CLONE_NEWNS) < 0 || chdir("/") < 0)
		return fail(err, errno, "cannot enter the mount namespace of the %s",
			    whose);
	return 0;
}

int stage_forget(const char *key, struct error *err)
{
	auto_free char *staging = stage_dir();
	auto_free char *path = xasprintf("%s/%s", staging, key);

	if (mount_detach(path, err) < 0)
		return -1;
	if (rmdir(path) < 0 && errno != ENOENT)
		return fail(err, errno, "cannot remove '%s'", path);
	return 0;
}

/* What is there of a key that is not in use is from a try that was killed. */
static int pin(const struct mount_step *step, int original, struct error *err)
{
	auto_free char *path = stage_dir();
	auto_close int staging = -1;

	if (stage_forget(step->key, err) < 0)
		return -1;
	staging = open_dir(path, err);
	return staging < 0 ? -1 : stage_pin(step, original, staging, err);
}

/*
 * From here on this process may mount what a start may mount, and move it (runtime.md
 * 5.4): where AppArmor is on and the host has a profile of that name loaded.
 */
static int confine(struct error *err)
{
	if (aa_is_enabled() != 1 || aa_change_profile(PROFILE) == 0 || errno == ENOENT ||
	    errno == EINVAL)
		return 0;
	return fail(err, errno, "cannot change to the AppArmor profile '" PROFILE "'");
}

static int insert(const struct mount_step *step, int clone, const struct idmap *map,
		  struct error *err)
{
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return fail(err, errno, "cannot open the root of the container");
	return stage_insert(step, clone, root, map, err);
}

/*
 * The volume is opened where the host's mounts are; a storage that was mounted after the
 * start need not be seen by the monitor.
 */
static int plug(const struct mount_plan *plan, int monitor_pidfd, int init_pidfd,
		struct error *err)
{
	auto_userns_cache struct userns_cache cache = { 0 };
	const struct mount_step *step = &plan->at[0];
	auto_close int original = stage_open(step, err);
	auto_close int clone = -1;

	/* A user namespace is made before the profile forbids that. */
	if (original < 0 || (step->idmap && userns_get(&cache, step->idmap, err) < 0) ||
	    mount_enter(monitor_pidfd, "monitor", err) < 0 || confine(err) < 0 ||
	    pin(step, original, err) < 0)
		return -1;
	clone = stage_clone(step, original, &cache, err);
	if (clone < 0 || mount_enter(init_pidfd, "container", err) < 0)
		return -1;
	return insert(step, clone, &plan->map, err);
}

int mount_plug(const struct mount_plan *plan, int monitor_pidfd, int init_pidfd,
	       struct error *err)
{
	return plug(plan, monitor_pidfd, init_pidfd, err) < 0
		       ? fail_in(err, "%s", plan->at[0].key)
		       : 0;
}

int mount_copy_node(int dirfd, const char *name, struct error *err)
{
	static const struct mount_step plain = { 0 };
	auto_userns_cache struct userns_cache cache = { 0 };
	auto_close int node = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (node < 0)
		return fail(err, errno, "cannot open the node '%s'", name);
	return stage_clone(&plain, node, &cache, err);
}

static int insert_node(int node, const char *target, const struct idmap *map,
		       struct error *err)
{
	const struct walk_owner owner = { idmap_root(map, 'u'), idmap_root(map, 'g') };
	const char *slash = strrchr(target, '/');
	auto_free char *parents = xstrndup(target, (size_t)(slash - target));
	auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_walk struct walk walk = WALK_INIT;
	auto_close int file = -1;

	if (root < 0)
		return fail(err, errno, "cannot open the root of the container");
	if (walk_path(root, parents, &owner, &walk, err) < 0)
		return -1;
	file = walk_make_file(walk.fd, slash + 1, &owner, err);
	return file < 0 ? -1 : stage_attach(node, file, err);
}

int mount_plug_node(int node, const char *target, const struct idmap *map, int init_pidfd,
		    struct error *err)
{
	if (confine(err) < 0 || mount_enter(init_pidfd, "container", err) < 0)
		return -1;
	return insert_node(node, target, map, err) < 0 ? fail_in(err, "%s", target) : 0;
}

int mount_unplug(const char *key, int monitor_pidfd, struct error *err)
{
	return mount_enter(monitor_pidfd, "monitor", err) < 0 ? -1 : stage_forget(key, err);
}
