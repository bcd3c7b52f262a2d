#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"
#include "storage/lvm.h"
#include "storage/lvmthin.h"

static const char *pool_of(const struct storage *st)
{
	return keyvals_get(&st->props, "thinpool");
}

static int run(const struct commands *commands, struct notes *notes, struct error *err)
{
	return commands_run(commands, LVM_TIMEOUT_S, notes, err);
}

/* Storage */

static int find_pool(const struct storage *st, struct lv_list *list, const struct lv **out,
		     struct error *err)
{
	if (lvm_list(st, list, err) < 0)
		return -1;
	*out = lv_find(list, pool_of(st));
	if (*out && lv_is_pool(*out))
		return 0;
	return fail(err, 0, "no such thin pool '%s/%s'", lvm_vg(st), pool_of(st));
}

static int activate(const struct storage *st, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *pool = lvm_name(st, pool_of(st), NULL);
	auto_lv_list struct lv_list list = { 0 };
	const struct lv *lv;

	if (lvm_activate(st, err) < 0)
		return -1;
	if (find_pool(st, &list, &lv, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	if (lv_is_active(lv))
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "-ay", "-K", pool));
	if (run(&commands, NULL, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return 0;
}

static int usage(const struct storage *st, struct storage_usage *out, struct error *err)
{
	auto_lv_list struct lv_list list = { 0 };
	const struct lv *lv;
	uint64_t used;

	if (find_pool(st, &list, &lv, err) < 0)
		return -1;
	if (!lv_is_active(lv))
		return fail(err, 0, "thin pool '%s/%s' is not active", lvm_vg(st),
			    lv->name);
	used = (uint64_t)((double)lv->size * lv->data_percent / 100);
	*out = (struct storage_usage){ .total = lv->size,
				       .used = used,
				       .avail = lv->size - used };
	return 0;
}

static int parse(const struct storage *st, struct slice volname, struct volume *out,
		 struct error *err)
{
	struct volume volume = { .content = CONTENT_IMAGES,
				 .format = FORMAT_RAW,
				 .format_name = "raw",
				 .name = volname };
	const char *prefix;

	(void)st;
	if (!disk_name_parse(volname, DISK_MARKS_LVM, &prefix, &volume.vmid) ||
	    (strcmp(prefix, "vm") != 0 && strcmp(prefix, "base") != 0))
		return fail(err, 0, "unable to parse lvm volume name '" SLICE_FMT "'",
			    volname.len > 512 ? 512 : (int)volname.len,
			    volname.at ? volname.at : "");
	volume.is_base = strcmp(prefix, "base") == 0;
	*out = volume;
	return 0;
}

bool lvmthin_is_listed(const struct storage *st, const struct lv *lv, unsigned vmid)
{
	(void)vmid;
	return lv_is_thin(lv) && strcmp(lv->pool, pool_of(st)) == 0;
}

static int list(const struct storage *st, unsigned content, unsigned vmid,
		struct volume_list *out, struct error *err)
{
	return lvm_list_volumes(st, content, vmid, lvmthin_is_listed, out, err);
}

/* Volumes; the pure half of each operation is its plan */

static void add_no_autoactivation(const char *target, struct commands *commands)
{
	commands_add(commands, COMMAND_SHOULD,
		     WORDS("lvchange", "--setautoactivation", "n", target));
}

void lvmthin_plan_create(const struct storage *st, const char *volname, uint64_t size_kib,
			 struct commands *commands)
{
	auto_free char *size = xasprintf("%" PRIu64 "k", size_kib);
	auto_free char *pool = lvm_name(st, pool_of(st), NULL);
	auto_free char *target = lvm_name(st, volname, NULL);

	commands_add(commands, COMMAND_MUST,
		     WORDS("lvcreate", "-aly", "-V", size, "--name", volname, "--thinpool",
			   pool));
	add_no_autoactivation(target, commands);
}

static int create(const struct storage *st, const char *volname, uint64_t size_kib,
		  struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	if (size_kib == 0)
		return fail(err, 0, "a volume of size 0 cannot be made on storage '%s'",
			    st->id);
	lvmthin_plan_create(st, volname, size_kib, &commands);
	return lvm_list(st, &lvs, err) < 0 ? -1
					   : lvm_make(st, &lvs, volname, &commands, err);
}

static int stage(const struct storage *st, const char *volname, uint64_t size_kib,
		 struct volume_stage *out, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *temp = lvm_stage_name(volname);
	struct volume volume;

	if (parse(st, slice(volname), &volume, err) < 0 ||
	    lvm_stage_clear(st, volname, err) < 0)
		return -1;
	lvmthin_plan_create(st, temp, size_kib, &commands);
	if (run(&commands, NULL, err) < 0)
		return -1;
	lvm_stage_fill(st, volname, volume.vmid, out);
	return 0;
}

/*
 * "snap_<volname>_<snap>". A longer volume name that fits as well has the better claim:
 * "snap_vm-1-a_b_c" belongs to vm-1-a_b if there is one.
 */
static bool is_snapshot_of(const struct lv_list *lvs, const char *name, const char *volname)
{
	auto_free char *prefix = xasprintf("snap_%s_", volname);
	bool is = slice_starts(slice(name), prefix);

	for (size_t i = 0; is && i < lvs->count; i++) {
		auto_free char *other = xasprintf("snap_%s_", lvs->at[i].name);

		is = strlen(other) <= strlen(prefix) || !slice_starts(slice(name), other);
	}
	return is;
}

void lvmthin_plan_free(const struct storage *st, const struct lv_list *lvs,
		       const char *volname, struct commands *commands)
{
	auto_free char *target = lvm_name(st, volname, NULL);

	for (size_t i = 0; i < lvs->count; i++) {
		auto_free char *snapshot = lvm_name(st, lvs->at[i].name, NULL);

		if (is_snapshot_of(lvs, lvs->at[i].name, volname))
			commands_add(commands, COMMAND_MUST,
				     WORDS("lvremove", "-f", snapshot));
	}
	if (lv_find(lvs, volname))
		commands_add(commands, COMMAND_MUST, WORDS("lvremove", "-f", target));
}

static int free_volume(const struct storage *st, const char *volname, struct notes *notes,
		       struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	if (!lv_find(&lvs, volname))
		notes_add(notes, "volume '%s:%s' does not exist", st->id, volname);
	lvmthin_plan_free(st, &lvs, volname, &commands);
	return run(&commands, NULL, err);
}

static int activate_volume(const struct storage *st, const char *volname, const char *snap,
			   struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, volname, snap);
	auto_lv_list struct lv_list lvs = { 0 };
	const struct lv *lv;

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	lv = lv_find(&lvs, strchr(target, '/') + 1);
	if (!lv)
		return fail(err, 0, "logical volume '%s' does not exist", target);
	if (lv_is_active(lv))
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "-ay", "-K", target));
	return run(&commands, NULL, err);
}

/* Volumes stay active: only what is rarely used is not kept. */
static int deactivate_volume(const struct storage *st, const char *volname,
			     const char *snap, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, volname, snap);

	if (!snap && !slice_starts(slice(volname), "base-"))
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "-an", target));
	return run(&commands, NULL, err);
}

/* Snapshots */

static int snapshot(const struct storage *st, const char *volname, const char *snap,
		    struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *name = xasprintf("snap_%s_%s", volname, snap);
	auto_free char *origin = lvm_name(st, volname, NULL);
	auto_lv_list struct lv_list lvs = { 0 };

	commands_add(&commands, COMMAND_MUST,
		     WORDS("lvcreate", "-n", name, "-pr", "-s", origin));
	return lvm_list(st, &lvs, err) < 0 ? -1 : lvm_make(st, &lvs, name, &commands, err);
}

static int snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			   struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *name = lvm_name(st, volname, snap);
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	if (!lv_find(&lvs, strchr(name, '/') + 1))
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("lvremove", "-f", name));
	return run(&commands, NULL, err);
}

static int can_roll_back(const struct storage *st, const char *volname, const char *snap,
			 struct notes *newer, struct error *err)
{
	auto_free char *name = lvm_name(st, volname, snap);
	auto_lv_list struct lv_list lvs = { 0 };

	(void)newer;
	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	if (!lv_find(&lvs, strchr(name, '/') + 1))
		return fail(err, 0, "snapshot '%s' of volume '%s:%s' does not exist", snap,
			    st->id, volname);
	return 0;
}

/* The new state is complete before the old one goes, and takes its name then. */
void lvmthin_plan_roll_back(const struct storage *st, const struct lv_list *lvs,
			    const char *volname, const char *snap,
			    struct commands *commands)
{
	auto_free char *temp = xasprintf("tmp_%s", volname);
	auto_free char *temp_lv = lvm_name(st, temp, NULL);
	auto_free char *origin = lvm_name(st, volname, snap);
	auto_free char *target = lvm_name(st, volname, NULL);

	if (lv_find(lvs, temp))
		commands_add(commands, COMMAND_MUST, WORDS("lvremove", "-f", temp_lv));
	commands_add(commands, COMMAND_MUST,
		     WORDS("lvcreate", "-kn", "-n", temp, "-s", origin));
	if (lv_find(lvs, volname))
		commands_add(commands, COMMAND_MUST, WORDS("lvremove", "-f", target));
	commands_add(commands, COMMAND_MUST, WORDS("lvrename", lvm_vg(st), temp, volname));
	add_no_autoactivation(target, commands);
}

static int roll_back(const struct storage *st, const char *volname, const char *snap,
		     struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	lvmthin_plan_roll_back(st, &lvs, volname, snap, &commands);
	return run(&commands, NULL, err);
}

/* Base volumes and clones */

static bool has_snapshots(const struct lv_list *lvs, const char *volname)
{
	for (size_t i = 0; i < lvs->count; i++)
		if (is_snapshot_of(lvs, lvs->at[i].name, volname))
			return true;
	return false;
}

/* Without the volume itself, an earlier try has renamed it. */
int lvmthin_plan_base(const struct storage *st, const struct lv_list *lvs,
		      const char *volname, const char *new_name, struct commands *commands,
		      struct error *err)
{
	const struct lv *lv = lv_find(lvs, volname), *base = lv_find(lvs, new_name);
	auto_free char *target = lvm_name(st, new_name, NULL);

	if (has_snapshots(lvs, volname))
		return fail(err, 0,
			    "unable to create a template from volume '%s:%s', it has "
			    "snapshots",
			    st->id, volname);
	if (!lv && !base)
		return fail(err, 0, "volume '%s:%s' does not exist", st->id, volname);
	if (lv)
		commands_add(commands, COMMAND_MUST,
			     WORDS("lvrename", lvm_vg(st), volname, new_name));
	if (lv || !lv_is_read_only(base))
		commands_add(commands, COMMAND_MUST,
			     WORDS("lvchange", "-pr", "-ky", target));
	commands_add(commands, COMMAND_MUST, WORDS("lvchange", "-an", target));
	return 0;
}

static int make_base(const struct storage *st, const char *volname, const char *new_name,
		     struct notes *notes, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0 ||
	    lvmthin_plan_base(st, &lvs, volname, new_name, &commands, err) < 0)
		return -1;
	return run(&commands, notes, err);
}

void lvmthin_plan_clone(const struct storage *st, const char *volname, const char *snap,
			const char *new_name, struct commands *commands)
{
	auto_free char *origin = lvm_name(st, volname, snap);
	auto_free char *target = lvm_name(st, new_name, NULL);

	commands_add(commands, COMMAND_MUST,
		     WORDS("lvcreate", "-n", new_name, "-prw", "-kn", "-s", origin));
	add_no_autoactivation(target, commands);
}

static int clone(const struct storage *st, const char *volname, const char *snap,
		 const char *new_name, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	lvmthin_plan_clone(st, volname, snap, new_name, &commands);
	return lvm_list(st, &lvs, err) < 0 ? -1
					   : lvm_make(st, &lvs, new_name, &commands, err);
}

static const unsigned char raw_states[FEATURE_COUNT] = {
	[FEATURE_SNAPSHOT] = VOLUME_CURRENT,
	[FEATURE_CLONE] = VOLUME_BASE | VOLUME_SNAPSHOT,
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE | VOLUME_SNAPSHOT,
	[FEATURE_RENAME] = VOLUME_CURRENT,
	[FEATURE_SPARSEINIT] = VOLUME_CURRENT | VOLUME_BASE,
};

static const struct feature_row features[] = {
	{ FORMAT_RAW, raw_states, NULL },
	{ .states = NULL },
};

const struct storage_type storage_lvmthin = {
	.name = "lvmthin",
	.kind = KIND_LVMTHIN,
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.default_content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.formats = 1U << FORMAT_RAW,
	.features = features,
	.is_block = true,
	.activate = activate,
	.usage = usage,
	.parse = parse,
	.path = lvm_path,
	.new_name = lvm_new_name,
	.list = list,
	.create = create,
	.free = free_volume,
	.activate_volume = activate_volume,
	.deactivate_volume = deactivate_volume,
	.size = lvm_size,
	.resize = lvm_resize,
	.snapshot = snapshot,
	.snapshot_delete = snapshot_delete,
	.can_roll_back = can_roll_back,
	.roll_back = roll_back,
	.make_base = make_base,
	.clone = clone,
	.rename = lvm_rename,
	.stage = stage,
	.publish = lvm_publish,
	.discard = lvm_discard,
};
