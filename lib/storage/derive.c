#include <string.h>

#include "base/own.h"
#include "storage/target.h"

/* Volumes that come from others: base volumes, linked clones, and new owners. */

static int write_down(const struct volume_claim *claim, const struct target *target,
		      const char *volname, struct error *err)
{
	auto_free char *volid = xasprintf("%s:%s", target->st->id, volname);

	return claim ? claim->write_down(claim->arg, volid, err) : 0;
}

/* "100/vm-100-disk-0.raw" -> "100/base-100-disk-0.raw"; NULL: the name is of another form.
 */
static char *base_name(const struct target *target)
{
	const struct volume *volume = &target->volume;
	bool is_subvol = volume->format == FORMAT_SUBVOL;
	const char *from = is_subvol ? "subvol-" : "vm-";
	const char *to = is_subvol ? target->st->type->base_subvol : "base-";
	size_t before = (size_t)(volume->name.at - target->volname);

	if (!to)
		return xstrdup(target->volname);
	if (!slice_starts(volume->name, from))
		return NULL;
	return xasprintf("%.*s%s%s", (int)before, target->volname, to,
			 target->volname + before + strlen(from));
}

int volume_make_base(const struct storages *all, struct slice volid,
		     const struct volume_claim *claim, char **new_volid,
		     struct notes *notes, struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };
	auto_free char *name = NULL;

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	if (!storage_has_feature(target.st, &target.volume, NULL, FEATURE_TEMPLATE))
		return fail(err, 0, "Template feature is not available for '" SLICE_FMT "'",
			    SLICE_ARG(volid));
	name = base_name(&target);
	if (!name)
		return fail(err, 0,
			    "volume '" SLICE_FMT
			    "' cannot become a base volume: its name does not start with "
			    "'vm-' or 'subvol-'",
			    SLICE_ARG(volid));
	if (target.st->type->activate(target.st, err) < 0 ||
	    storage_lock(target.st, &lock, err) < 0 ||
	    write_down(claim, &target, name, err) < 0 ||
	    target.st->type->make_base(target.st, target.volname, name, notes, err) < 0)
		return -1;
	*new_volid = xasprintf("%s:%s", target.st->id, name);
	return 0;
}

/* The free name for a volume of vmid that comes from target. */
static char *new_name(const struct target *target, unsigned vmid, struct slice base,
		      struct error *err)
{
	const struct storage *st = target->st;
	auto_free char *name = st->type->new_name(st, vmid, target->volume.format, err);

	if (!name || !st->type->names_base || !base.len)
		return take_ptr(&name);
	return xasprintf(SLICE_FMT "/%s", SLICE_ARG(base), name);
}

int volume_clone(const struct storages *all, struct slice volid, const char *snap,
		 unsigned vmid, const struct volume_claim *claim, char **new_volid,
		 struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };
	auto_free char *name = NULL;

	if ((snap && snapshot_name_check(snap, err) < 0) ||
	    target_find(all, volid, &target, err) < 0)
		return -1;
	if (!storage_has_feature(target.st, &target.volume, snap, FEATURE_CLONE))
		return fail(err, 0,
			    "Linked clone feature for '" SLICE_FMT "' is not available",
			    SLICE_ARG(volid));
	if (target.st->type->activate(target.st, err) < 0 ||
	    storage_lock(target.st, &lock, err) < 0)
		return -1;
	name = new_name(&target, vmid, target_own_name(&target), err);
	if (!name || write_down(claim, &target, name, err) < 0 ||
	    target.st->type->clone(target.st, target.volname, snap, name, err) < 0)
		return -1;
	*new_volid = xasprintf("%s:%s", target.st->id, name);
	return 0;
}

int volume_rename(const struct storages *all, struct slice volid, unsigned vmid,
		  const struct volume_claim *claim, char **new_volid, struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };
	auto_free char *name = NULL;

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	if (!storage_has_feature(target.st, &target.volume, NULL, FEATURE_RENAME))
		return fail(err, 0, "Rename feature is not available for '" SLICE_FMT "'",
			    SLICE_ARG(volid));
	if (target.st->type->activate(target.st, err) < 0 ||
	    storage_lock(target.st, &lock, err) < 0)
		return -1;
	name = new_name(&target, vmid, target.volume.base, err);
	if (!name || write_down(claim, &target, name, err) < 0 ||
	    target.st->type->rename(target.st, target.volname, name, err) < 0)
		return -1;
	*new_volid = xasprintf("%s:%s", target.st->id, name);
	return 0;
}
