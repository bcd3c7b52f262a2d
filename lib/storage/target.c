#include "storage/target.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/own.h"
#include "config/volid.h"

int target_find(const struct storages *all, struct slice volid, struct target *out,
		struct error *err)
{
	auto_free char *volname = NULL;
	const struct storage *st;
	struct slice id, name;
	struct volume volume;

	if (volid_parse(volid, &id, &name, err) < 0 || storage_find(all, id, &st, err) < 0)
		return -1;
	volname = slice_dup(name);
	/* A NUL byte inside would make the copy another name. */
	if (st->type->parse(st, name, &volume, err) < 0 ||
	    st->type->parse(st, slice(volname), &volume, err) < 0)
		return -1;
	*out = (struct target){ .st = st, .volname = take_ptr(&volname), .volume = volume };
	return 0;
}

int target_open(const struct storages *all, struct slice volid, struct target *out,
		struct error *err)
{
	struct target target = { 0 };

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	if (target.st->type->activate(target.st, err) < 0) {
		target_done(&target);
		return -1;
	}
	*out = target;
	return 0;
}

void target_done(struct target *target)
{
	free(target->volname);
	*target = (struct target){ 0 };
}

struct slice target_own_name(const struct target *target)
{
	size_t base = target->volume.base.len;

	return slice_from(slice(target->volname), base ? base + 1 : 0);
}

int snapshot_name_check(const char *snap, struct error *err)
{
	for (const char *c = snap; *c; c++)
		if (!is_alnum(*c) && *c != '-' && *c != '_')
			return fail(err, 0, "invalid snapshot name '%s'", snap);
	return *snap && *snap != '-' ? 0 : fail(err, 0, "invalid snapshot name '%s'", snap);
}
