#include "ct/volumes.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/volid.h"

/* One volume as a mount: what kind, from which path. */
struct origin {
	enum mount_kind kind;
	char *path; /* owned */
	bool is_base, is_iso;
};

static int check_storage(const struct storage *st, const struct volume *volume,
			 struct error *err)
{
	if (volume->content == CONTENT_ISO)
		return 0;
	if (!(st->content & CONTENT_ROOTDIR))
		return fail(err, 0, "storage '%s' does not support containers", st->id);
	if (volume->content != CONTENT_IMAGES || volume->format == FORMAT_OTHER)
		return fail(err, 0, "unsupported image format '%s'", volume->format_name);
	return 0;
}

/* acl is that of the mount point: 1, 0, or negative where nothing is said. */
static int find_volume(const struct storages *all, const char *volid, int acl,
		       struct origin *origin, struct error *err)
{
	auto_volume_source struct volume_source source = { 0 };
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (volume_resolve(all, slice(volid), &st, &volume, &path, err) < 0 ||
	    check_storage(st, &volume, err) < 0 ||
	    volume_activate(all, slice(volid), NULL, &source, err) < 0 ||
	    (acl >= 0 && volume_set_acl(all, slice(volid), acl > 0, err) < 0))
		return -1;
	origin->kind = volume.format == FORMAT_SUBVOL ? MOUNT_SUBVOL
		       : source.is_device             ? MOUNT_DEVICE
						      : MOUNT_IMAGE;
	origin->path = take_ptr(&source.path);
	origin->is_base = volume.is_base;
	origin->is_iso = volume.content == CONTENT_ISO;
	return 0;
}

static int find_origin(const struct storages *all, const struct mountpoint *mp,
		       struct origin *origin, struct error *err)
{
	const char *volume = mp->volume;

	switch (volume_kind(slice(volume))) {
	case VOLUME_DEVICE: origin->kind = MOUNT_DEVICE; break;
	case VOLUME_BIND: origin->kind = MOUNT_BIND; break;
	case VOLUME_STORAGE: return find_volume(all, volume, mp->acl, origin, err);
	}
	origin->path = xstrdup(volume);
	return 0;
}

static int add_volume(const struct config *config, const char *key,
		      const struct storages *all, unsigned flags, struct mount_plan *plan,
		      struct notes *notes, struct error *err)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	struct origin origin = { 0 };
	auto_free char *path = NULL;

	if (config_mountpoint(config, key, &mp, err) < 0) {
		if (strcmp(key, "rootfs") == 0 || flags & MOUNT_HOTPLUG)
			return fail_in(err, "%s", key);
		notes_add(notes, "%s is not mounted: %s", key, err->text);
		return 0;
	}
	if (find_origin(all, &mp, &origin, err) < 0)
		return fail_in(err, "%s", key);
	path = origin.path;
	if (origin.is_iso) {
		mp.ro = 1;
		flags &= ~(unsigned)MOUNT_IGNORE_RO;
	}
	return mount_plan_add(plan, key, &mp, origin.kind, path, origin.is_base, flags,
			      notes, err);
}

int volumes_plan(const struct config *config, const struct storages *all, unsigned flags,
		 struct mount_plan *plan, struct notes *notes, struct error *err)
{
	auto_free const char **keys = config_volume_keys(config);
	auto_mount_plan struct mount_plan made = { 0 };

	if (config_idmap(config, &made.map, err) < 0)
		return -1;
	if (!keys[0] || strcmp(keys[0], "rootfs") != 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	for (size_t i = 0; keys[i]; i++)
		if (add_volume(config, keys[i], all, flags, &made, notes, err) < 0)
			return -1;
	*plan = made;
	made = (struct mount_plan){ 0 };
	return 0;
}

int volumes_plan_hotplug(const struct config *config, const char *key,
			 const struct storages *all, struct mount_plan *plan,
			 struct notes *notes, struct error *err)
{
	auto_mount_plan struct mount_plan made = { 0 };

	if (config_idmap(config, &made.map, err) < 0 ||
	    add_volume(config, key, all, MOUNT_HOTPLUG, &made, notes, err) < 0)
		return -1;
	*plan = made;
	made = (struct mount_plan){ 0 };
	return 0;
}

int volume_check_owner(const struct storages *all, const char *volid, unsigned vmid,
		       struct error *err)
{
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (volume_resolve(all, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	if (volume.vmid != vmid)
		return fail(err, 0, "volume '%s' belongs to CT %u", volid, volume.vmid);
	return 0;
}

static int make_root(unsigned vmid, char **root, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u", vmid);

	if (path_make(PATH_LXC, err) < 0 || make_dir(dir, 0755, err) < 0)
		return -1;
	*root = path_in(PATH_LXC, "%u/rootfs", vmid);
	return 0;
}

static int mount_all(const struct config *config, const struct storages *all,
		     bool read_only, struct notes *notes, struct error *err)
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_free char *root = NULL;

	if (make_root(config->vmid, &root, err) < 0 ||
	    volumes_plan(config, all, 0, &plan, notes, err) < 0)
		return -1;
	if (read_only)
		mount_plan_read_only(&plan);
	return mount_apply(&plan, root, err);
}

int volumes_mount(const struct config *config, const struct storages *all,
		  struct notes *notes, struct error *err)
{
	return mount_all(config, all, false, notes, err);
}

int volumes_mount_read_only(const struct config *config, const struct storages *all,
			    struct notes *notes, struct error *err)
{
	return mount_all(config, all, true, notes, err);
}

int volumes_mount_on_host(const struct config *config, const struct storages *all,
			  struct notes *notes, struct error *err)
{
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_free char *root = NULL;

	if (make_root(config->vmid, &root, err) < 0 || make_dir(root, 0755, err) < 0 ||
	    volumes_plan(config, all, 0, &plan, notes, err) < 0)
		return -1;
	return mount_on_host(&plan, root, err);
}

void volumes_deactivate(const struct config *config)
{
	auto_free const char **keys = config_volume_keys(config);
	auto_storages struct storages storages = { 0 };
	struct error err;

	storages_load(&storages, NULL);
	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };

		if (config_mountpoint(config, keys[i], &mp, &err) == 0 &&
		    volume_kind(slice(mp.volume)) == VOLUME_STORAGE &&
		    volume_deactivate(&storages, slice(mp.volume), NULL, &err) < 0)
			warn_plain("%s", err.text);
	}
}
