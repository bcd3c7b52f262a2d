#include "storage/target.h"

/* The target of a verb on its snapshots, which the matrix allows, and the storage's lock.
 */
static int open_target(const struct storages *all, struct slice volid, const char *snap,
		       struct target *target, struct lock *lock, struct error *err)
{
	if (snapshot_name_check(snap, err) < 0 || target_find(all, volid, target, err) < 0)
		return -1;
	if (!storage_has_feature(target->st, &target->volume, NULL, FEATURE_SNAPSHOT))
		return fail(err, 0, "snapshot feature is not available");
	if (target->st->type->activate(target->st, err) < 0)
		return -1;
	return storage_lock(target->st, lock, err);
}

int volume_snapshot(const struct storages *all, struct slice volid, const char *snap,
		    struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };

	if (open_target(all, volid, snap, &target, &lock, err) < 0)
		return -1;
	return target.st->type->snapshot(target.st, target.volname, snap, err);
}

int volume_snapshot_delete(const struct storages *all, struct slice volid, const char *snap,
			   struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };

	if (open_target(all, volid, snap, &target, &lock, err) < 0)
		return -1;
	return target.st->type->snapshot_delete(target.st, target.volname, snap, err);
}

int volume_can_roll_back(const struct storages *all, struct slice volid, const char *snap,
			 struct notes *newer, struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };

	if (open_target(all, volid, snap, &target, &lock, err) < 0)
		return -1;
	return target.st->type->can_roll_back(target.st, target.volname, snap, newer, err);
}

int volume_roll_back(const struct storages *all, struct slice volid, const char *snap,
		     struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };

	if (open_target(all, volid, snap, &target, &lock, err) < 0 ||
	    target.st->type->can_roll_back(target.st, target.volname, snap, NULL, err) < 0)
		return -1;
	return target.st->type->roll_back(target.st, target.volname, snap, err);
}
