#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "ct/guard.h"
#include "ct/hooks.h"
#include "ct/pending.h"
#include "ct/settle.h"
#include "ct/volumes.h"
#include "lxc/host.h"
#include "mount/mount.h"

static int unmount_volumes(const struct config *config, struct error *err)
{
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", config->vmid);

	return mount_remove(root, err);
}

static int deactivate_volumes(const struct config *config, struct error *err)
{
	(void)err;
	volumes_deactivate(config);
	return 0;
}

static int unmount_passthrough(const struct config *config, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u/passthrough", config->vmid);

	return mount_detach(dir, err);
}

/* What is left of one failed step may not keep the others from being done. */
static int (*const steps[])(const struct config *config, struct error *err) = {
	unmount_volumes,
	deactivate_volumes,
	unmount_passthrough,
	ct_remove_interfaces,
};

/*
 * Changes that waited for the stop, unless a command holds the config lock: a start
 * applies them itself, so does a stop, and nobody may be written over.
 */
static int apply_pending(struct config **config, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_notes struct notes notes = { 0 };
	struct config *fresh;
	int applied;

	if (pending_is_empty(*config))
		return 0;
	if (lock_config_try((*config)->vmid, &lock, err) < 0)
		return err->code == EWOULDBLOCK ? 0 : -1;
	if (config_load((*config)->vmid, &fresh, NULL, err) < 0)
		return -1;
	config_free(*config);
	*config = fresh;
	applied = ct_apply_pending(fresh, &notes, err);
	warn_notes(&notes);
	if (applied > 0)
		ct_regenerate(fresh);
	return applied < 0 ? -1 : 0;
}

/* The flag by which the supervisor knows that it has to start again. */
static int ask_for_start(const struct config *config, struct error *err)
{
	auto_free char *flag = path_in(PATH_LXC, "%u/reboot", config->vmid);
	auto_close int fd =
		open(flag, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd >= 0 ? 0 : fail(err, errno, "cannot create '%s'", flag);
}

static int regenerate(const struct config *config, struct error *err)
{
	return lxc_config_write(config, NULL, err);
}

static int tell_hookscript(const struct config *config, struct error *err)
{
	return ct_hookscript(config, "post-stop", err);
}

static int (*const reboot_steps[])(const struct config *config, struct error *err) = {
	regenerate,
	ask_for_start,
};

static int run(int (*step)(const struct config *config, struct error *err),
	       const struct config *config, struct error *err)
{
	struct error own;

	if (step(config, &own) == 0)
		return 0;
	warn_plain("container %u: post-stop: %s", config->vmid, own.text);
	*err = own;
	return -1;
}

int hook_post_stop(unsigned vmid, int reboot, struct error *err)
{
	auto_config struct config *config = NULL;
	struct error own;
	int status = 0;

	if (!config_exists(vmid))
		return 0;
	/* Without the file there is still all that the number alone names. */
	if (config_load(vmid, &config, NULL, err) < 0) {
		warn_plain("container %u: post-stop: %s", vmid, err->text);
		config = config_new(vmid);
		status = -1;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		status |= run(steps[i], config, err);
	if (apply_pending(&config, &own) < 0) {
		warn_plain("container %u: post-stop: %s", vmid, own.text);
		*err = own;
		status = -1;
	}
	for (size_t i = 0; reboot && i < sizeof(reboot_steps) / sizeof(reboot_steps[0]);
	     i++)
		status |= run(reboot_steps[i], config, err);
	if (!reboot)
		status |= run(tell_hookscript, config, err);
	return status;
}
