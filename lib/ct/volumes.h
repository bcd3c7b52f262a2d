/* A container's volumes as mounts: config keys -> storage paths -> mount plan. */
#pragma once

#include "base/notes.h"
#include "config/config.h"
#include "mount/mount.h"
#include "storage/volume.h"

/* The mount plan of all volumes in their order; storages are activated. */
int volumes_plan(const struct config *config, const struct storages *all, unsigned flags,
		 struct mount_plan *plan, struct notes *notes, struct error *err);

/* "volume '<volid>' belongs to CT <id>" if that is another than vmid. */
int volume_check_owner(const struct storages *all, const char *volid, unsigned vmid,
		       struct error *err);

/* The plan of one mpN alone, for a container that runs. */
int volumes_plan_hotplug(const struct config *config, const char *key,
			 const struct storages *all, struct mount_plan *plan,
			 struct notes *notes, struct error *err);

/*
 * Mount them at PATH_LXC/<id>/rootfs of this mount namespace, as a start does. Returns a
 * descriptor of the root.
 */
int volumes_mount(const struct config *config, const struct storages *all,
		  struct notes *notes, struct error *err);

/* The same to look at them only: see mount_plan_read_only. */
int volumes_mount_read_only(const struct config *config, const struct storages *all,
			    struct notes *notes, struct error *err);

/* In a child: mount them at PATH_LXC/<id>/rootfs of the host (mount_on_host). */
int volumes_mount_on_host(const struct config *config, const struct storages *all,
			  struct notes *notes, struct error *err);

/* Nobody on this host uses them any more; one that cannot be let go is a warning. */
void volumes_deactivate(const struct config *config);
