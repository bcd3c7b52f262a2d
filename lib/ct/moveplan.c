#include "ct/moveplan.h"

#include <string.h>

#include "base/own.h"
#include "config/volid.h"
#include "ct/allocate.h"
#include "ct/unused.h"

static bool is_unused(const char *key)
{
	return slice_starts(slice(key), "unused");
}

const char *move_target_key(const struct move_request *request)
{
	return request->target_key ? request->target_key : request->key;
}

static void check_storage_move(const struct move_request *request,
			       struct problems *problems)
{
	if (is_unused(request->key))
		problems_add(problems, "volume",
			     "an unused volume cannot be moved to a storage");
	if (request->target_key)
		problems_add(problems, "target-volume", "only together with target-vmid");
	if (request->target_digest)
		problems_add(problems, "target-digest", "only together with target-vmid");
}

static void check_hand_over(const struct move_request *request, struct problems *problems)
{
	const char *to = move_target_key(request);

	if (request->target_vmid == request->vmid)
		problems_add(problems, "target-vmid", "is the container itself");
	if (strcmp(request->key, "rootfs") == 0)
		problems_add(problems, "volume",
			     "a root file system cannot go to another container");
	if (request->target_key && strcmp(to, "rootfs") == 0)
		problems_add(problems, "target-volume",
			     "a volume cannot become the root file system");
	if (is_unused(request->key) && !is_unused(to))
		problems_add(problems, "target-volume",
			     "an unused volume can only become an unused one");
	if (request->delete)
		problems_add(problems, "delete",
			     "nothing is left to delete of a volume that another "
			     "container gets");
}

void move_check(const struct move_request *request, struct problems *problems)
{
	static const char *const names[] = { "storage", "target-vmid" };
	bool both = request->storage && request->target_vmid;

	if (both || (!request->storage && !request->target_vmid)) {
		for (size_t i = 0; i < 2; i++)
			problems_add(problems, names[i],
				     both ? "either a storage or a target-vmid, not both"
					  : "a storage or a target-vmid is needed");
		return;
	}
	if (request->storage)
		check_storage_move(request, problems);
	else
		check_hand_over(request, problems);
}

/* The volume of the key; nothing else of the file may wait for it. */
static int find_volume(const struct config *config, const char *key, char **volid,
		       struct error *err)
{
	const char *value = config_get(config, key);
	auto_free char *volume = value ? entry_volume(key, value, err) : NULL;

	if (!value)
		return fail(err, 0, "CT %u has no volume '%s'", config->vmid, key);
	if (!volume)
		return -1;
	if (volume_kind(slice(volume)) != VOLUME_STORAGE)
		return fail(err, 0, "'%s' is no volume of a storage: it cannot be moved",
			    volume);
	if (volume_is_used(config, volume, USED_BY_PENDING))
		return fail(err, 0, "a pending change of CT %u uses '%s'", config->vmid,
			    volume);
	*volid = take_ptr(&volume);
	return 0;
}

static int check_only_user(const struct config *config, const char *key, const char *volume,
			   struct error *err)
{
	if (!volume_is_used_besides(config, key, volume, USED_BY_MOUNTS | USED_BY_UNUSED))
		return 0;
	return fail(err, 0, "another entry of CT %u uses '%s'", config->vmid, volume);
}

int move_source(const struct config *config, const struct move_request *request,
		char **volid, struct error *err)
{
	auto_free char *volume = NULL;

	if (find_volume(config, request->key, &volume, err) < 0)
		return -1;
	if (request->delete &&volume_is_used(config, volume, USED_BY_SNAPSHOTS))
		return fail(err, 0,
			    "you can't move a volume with snapshots and delete the source");
	if (request->delete &&check_only_user(config, request->key, volume, err) < 0)
		return -1;
	*volid = take_ptr(&volume);
	return 0;
}

int move_switch(struct config *config, const char *key, const char *old,
		const char *new_volid, uint64_t bytes, struct error *err)
{
	auto_free char *now = entry_volume(key, config_get(config, key), err);
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (!now || strcmp(now, old) != 0)
		return fail(err, 0, "'%s' of CT %u is not '%s' any more", key, config->vmid,
			    old);
	if (volume_value(key, config_get(config, key), new_volid, bytes, &value, err) < 0)
		return -1;
	config_set(config, key, value.at);
	unused_drop(config, new_volid);
	return unused_add(config, old, err);
}

static int check_protection(const struct config *config, const char *verb, const char *key,
			    struct error *err)
{
	if (!config_bool(config, "protection"))
		return 0;
	return fail(err, 0, "can't %s CT %u drive '%s' - protection mode enabled", verb,
		    config->vmid, key);
}

static int check_template(const struct config *config, struct error *err)
{
	if (!config_bool(config, "template"))
		return 0;
	return fail(err, 0, "CT %u is a template: its volumes stay with it", config->vmid);
}

static int check_target_key(const struct config *target, const char *key, const char *done,
			    struct error *err)
{
	const char *value = config_get(target, key);
	auto_free char *waiting = section_get(&target->pending, key);
	const char *entry = value ? value : waiting;
	auto_free char *held = entry ? entry_volume(key, entry, err) : NULL;

	if (!entry || (done && held && strcmp(held, done) == 0))
		return 0;
	return fail(err, 0, "Target volume key '%s' is already in use for container '%u'",
		    key, target->vmid);
}

int move_handed(const struct config *source, const struct config *target,
		const struct move_request *request, const char *done, char **volid,
		struct error *err)
{
	const char *to = move_target_key(request);
	auto_free char *volume = NULL;

	if (check_template(source, err) < 0 || check_template(target, err) < 0 ||
	    find_volume(source, request->key, &volume, err) < 0 ||
	    check_protection(source, "remove", request->key, err) < 0 ||
	    check_protection(target, "update", to, err) < 0 ||
	    check_target_key(target, to, done, err) < 0 ||
	    check_only_user(source, request->key, volume, err) < 0)
		return -1;
	if (volume_is_used(source, volume, USED_BY_SNAPSHOTS))
		return fail(err, 0, "a snapshot of CT %u uses '%s'", source->vmid, volume);
	*volid = take_ptr(&volume);
	return 0;
}

int move_target_value(const struct config *source, const struct move_request *request,
		      const char *volid, struct strbuf *out, struct error *err)
{
	if (is_unused(move_target_key(request))) {
		strbuf_adds(out, volid);
		return 0;
	}
	return group_with(slice(config_get(source, request->key)), mp_props, "volume",
			  volid, out, err);
}
