#include "storage/lvm.h"

#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"
#include "storage/lvmthick.h"
#include "storage/lvmwipe.h"
#include "storage/properties.h"

static int run(const struct commands *commands, struct notes *notes, struct error *err)
{
	return commands_run(commands, LVM_TIMEOUT_S, notes, err);
}

static int usage(const struct storage *st, struct storage_usage *out, struct error *err)
{
	uint64_t size = 0, avail = 0;

	if (lvm_group(st, &size, &avail, err) < 0)
		return -1;
	*out = (struct storage_usage){ .total = size,
				       .used = size - avail,
				       .avail = avail };
	return 0;
}

static int parse(const struct storage *st, struct slice volname, struct volume *out,
		 struct error *err)
{
	bool is_raw = !slice_ends(volname, ".qcow2");
	struct volume volume = { .content = CONTENT_IMAGES,
				 .format = is_raw ? FORMAT_RAW : FORMAT_OTHER,
				 .format_name = is_raw ? "raw" : "qcow2",
				 .name = volname };
	const char *prefix;

	(void)st;
	if (!disk_name_parse(volname, DISK_MARKS_LVM, &prefix, &volume.vmid) ||
	    strcmp(prefix, "vm") != 0)
		return fail(err, 0, "unable to parse lvm volume name '" SLICE_FMT "'",
			    volname.len > 512 ? 512 : (int)volname.len,
			    volname.at ? volname.at : "");
	*out = volume;
	return 0;
}

/* Without snapshots. */
static char *path(const struct storage *st, struct slice volname, const char *snap)
{
	return snap ? NULL : lvm_path(st, volname, NULL);
}

static bool has_owner_tag(const struct lv *lv, unsigned vmid)
{
	auto_free char *tag = xasprintf("pve-vm-%u", vmid);
	struct slice rest = slice(lv->tags), word;

	while (slice_word(&rest, &word))
		if (slice_is(word, tag))
			return true;
	return false;
}

bool lvm_is_listed(const struct storage *st, const struct lv *lv, unsigned vmid)
{
	return lv_is_plain(lv) &&
	       (!storage_flag(st, "tagged_only", false) || has_owner_tag(lv, vmid));
}

static int list(const struct storage *st, unsigned content, unsigned vmid,
		struct volume_list *out, struct error *err)
{
	return lvm_list_volumes(st, content, vmid, lvm_is_listed, out, err);
}

void lvm_plan_create(const struct storage *st, const char *volname, unsigned vmid,
		     uint64_t size_kib, struct commands *commands)
{
	auto_free char *size = xasprintf("%" PRIu64 "k", size_kib);
	auto_free char *tag = xasprintf("pve-vm-%u", vmid);

	commands_add(commands, COMMAND_MUST,
		     WORDS("lvcreate", "-aly", "-Wy", "--yes", "--size", size, "--name",
			   volname, "--setautoactivation", "n", "--addtag", tag,
			   lvm_vg(st)));
}

static int create(const struct storage *st, const char *volname, uint64_t size_kib,
		  struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };
	uint64_t total = 0, avail = 0;
	struct volume volume;

	if (parse(st, slice(volname), &volume, err) < 0 || lvm_list(st, &lvs, err) < 0 ||
	    lvm_group(st, &total, &avail, err) < 0)
		return -1;
	lvm_wipe_rest(st, &lvs);
	if (size_kib == 0)
		return fail(err, 0, "a volume of size 0 cannot be made on storage '%s'",
			    st->id);
	if (avail / 1024 < size_kib)
		return fail(err, 0,
			    "not enough free space in volume group '%s': %" PRIu64
			    " KiB of %" PRIu64 " KiB",
			    lvm_vg(st), avail / 1024, size_kib);
	lvm_plan_create(st, volname, volume.vmid, size_kib, &commands);
	return lvm_make(st, &lvs, volname, &commands, err);
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
	lvm_plan_create(st, temp, volume.vmid, size_kib, &commands);
	if (run(&commands, NULL, err) < 0)
		return -1;
	lvm_stage_fill(st, volname, volume.vmid, out);
	return 0;
}

static int free_volume(const struct storage *st, const char *volname, struct notes *notes,
		       struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, volname, NULL);
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	if (!lv_find(&lvs, volname)) {
		notes_add(notes, "volume '%s:%s' does not exist", st->id, volname);
		return 0;
	}
	if (storage_flag(st, "saferemove", false))
		return lvm_condemn(st, &lvs, volname, err) < 0 ? -1
							       : lvm_wipe_start(st, err);
	lvm_wipe_rest(st, &lvs);
	commands_add(&commands, COMMAND_MUST, WORDS("lvremove", "-f", target));
	return run(&commands, NULL, err);
}

static int activate_volume(const struct storage *st, const char *volname, const char *snap,
			   struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, volname, snap);

	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "-aey", target));
	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "--refresh", target));
	return run(&commands, NULL, err);
}

static int deactivate_volume(const struct storage *st, const char *volname,
			     const char *snap, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, volname, snap);

	commands_add(&commands, COMMAND_MUST, WORDS("lvchange", "-aln", target));
	return run(&commands, NULL, err);
}

static const unsigned char raw_states[FEATURE_COUNT] = {
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE,
	[FEATURE_RENAME] = VOLUME_CURRENT,
};

static const struct feature_row features[] = {
	{ FORMAT_RAW, raw_states, NULL },
	{ .states = NULL },
};

const struct storage_type storage_lvm = {
	.name = "lvm",
	.kind = KIND_LVM,
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.default_content = CONTENT_IMAGES,
	.formats = 1U << FORMAT_RAW,
	.features = features,
	.is_block = true,
	.activate = lvm_activate,
	.usage = usage,
	.parse = parse,
	.path = path,
	.new_name = lvm_new_name,
	.list = list,
	.create = create,
	.free = free_volume,
	.activate_volume = activate_volume,
	.deactivate_volume = deactivate_volume,
	.size = lvm_size,
	.resize = lvm_resize,
	.rename = lvm_rename,
	.stage = stage,
	.publish = lvm_publish,
	.discard = lvm_discard,
};
