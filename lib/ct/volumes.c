#include "ct/volumes.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
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

static int find_volume(const struct storages *all, const char *volid, struct origin *origin,
		       struct error *err)
{
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (volume_resolve(all, slice(volid), &st, &volume, &path, err) < 0 ||
	    check_storage(st, &volume, err) < 0)
		return -1;
	if (st->type->activate && st->type->activate(st, err) < 0)
		return -1;
	origin->kind = volume.format == FORMAT_SUBVOL ? MOUNT_SUBVOL : MOUNT_IMAGE;
	origin->path = take_ptr(&path);
	origin->is_base = volume.is_base;
	origin->is_iso = volume.content == CONTENT_ISO;
	return 0;
}

static int find_origin(const struct storages *all, const char *volume,
		       struct origin *origin, struct error *err)
{
	switch (volume_kind(slice(volume))) {
	case VOLUME_DEVICE: origin->kind = MOUNT_DEVICE; break;
	case VOLUME_BIND: origin->kind = MOUNT_BIND; break;
	case VOLUME_STORAGE: return find_volume(all, volume, origin, err);
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
		if (strcmp(key, "rootfs") == 0)
			return fail_in(err, "rootfs");
		notes_add(notes, "%s is not mounted: %s", key, err->text);
		return 0;
	}
	if (find_origin(all, mp.volume, &origin, err) < 0)
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
	struct idmap map = { 0 };

	if (config_idmap(config, &map, err) < 0)
		return -1;
	if (!keys[0] || strcmp(keys[0], "rootfs") != 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	made.uid = idmap_root(&map, 'u');
	made.gid = idmap_root(&map, 'g');
	for (size_t i = 0; keys[i]; i++)
		if (add_volume(config, keys[i], all, flags, &made, notes, err) < 0)
			return -1;
	*plan = made;
	made = (struct mount_plan){ 0 };
	return 0;
}
