#include "storage/properties.h"
#include "storage/target.h"

static enum volume_state state_of(const struct volume *volume, const char *snap)
{
	if (snap)
		return VOLUME_SNAPSHOT;
	return volume->is_base ? VOLUME_BASE : VOLUME_CURRENT;
}

bool storage_has_feature(const struct storage *st, const struct volume *volume,
			 const char *snap, enum volume_feature feature)
{
	const struct feature_row *row = st->type->features;

	if (volume->content != CONTENT_IMAGES)
		return false;
	for (; row && row->states; row++)
		if (row->format == volume->format &&
		    (!row->when || storage_flag(st, row->when, false)) &&
		    row->states[feature] & state_of(volume, snap))
			return true;
	return false;
}

int volume_has_feature(const struct storages *all, struct slice volid, const char *snap,
		       enum volume_feature feature, bool *out, struct error *err)
{
	auto_target struct target target = { 0 };

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	*out = storage_has_feature(target.st, &target.volume, snap, feature);
	return 0;
}
