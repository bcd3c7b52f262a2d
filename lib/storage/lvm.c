#include "storage/lvm.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/diskname.h"
#include "storage/lvmthick.h"
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

void lvm_add_volumes(const struct storage *st, const struct lv_list *lvs, unsigned vmid,
		     struct volume_list *out)
{
	bool tagged_only = storage_flag(st, "tagged_only", false);
	struct volume volume;
	struct error err;

	for (size_t i = 0; i < lvs->count; i++) {
		const struct lv *lv = &lvs->at[i];

		if (!lv_is_plain(lv) || parse(st, slice(lv->name), &volume, &err) < 0 ||
		    (vmid && volume.vmid != vmid) ||
		    (tagged_only && !has_owner_tag(lv, volume.vmid)))
			continue;
		volume_list_add(out, &volume, xasprintf("%s:%s", st->id, lv->name),
				lv->size);
	}
}

static int list(const struct storage *st, unsigned content, unsigned vmid,
		struct volume_list *out, struct error *err)
{
	auto_lv_list struct lv_list lvs = { 0 };

	if (!(content & (CONTENT_IMAGES | CONTENT_ROOTDIR)))
		return 0;
	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	lvm_add_volumes(st, &lvs, vmid, out);
	return 0;
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
	uint64_t total = 0, avail = 0;
	struct volume volume;

	if (parse(st, slice(volname), &volume, err) < 0 ||
	    lvm_group(st, &total, &avail, err) < 0)
		return -1;
	if (size_kib == 0)
		return fail(err, 0, "a volume of size 0 cannot be made on storage '%s'",
			    st->id);
	if (avail / 1024 < size_kib)
		return fail(err, 0,
			    "not enough free space in volume group '%s': %" PRIu64
			    " KiB of %" PRIu64 " KiB",
			    lvm_vg(st), avail / 1024, size_kib);
	lvm_plan_create(st, volname, volume.vmid, size_kib, &commands);
	return run(&commands, NULL, err);
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

/* Removal: at once, or after zeroing */

/* Whether the device can write zeros by itself. */
static bool can_zero(const char *device)
{
	auto_free char *real = realpath(device, NULL);
	auto_free char *file =
		real ? xasprintf("/sys/block/%s/queue/write_zeroes_max_bytes",
				 strrchr(real, '/') + 1)
		     : NULL;
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;
	uint64_t bytes = 0;

	if (!file || read_file(AT_FDCWD, file, 64, &text, &ignored) < 0)
		return false;
	slice_number(slice_trim(strbuf_slice(&text)), 0, UINT64_MAX, &bytes);
	return bytes > 0;
}

void lvm_plan_zero(const struct storage *st, const char *device, bool device_zeros,
		   struct commands *commands)
{
	const char *step = keyvals_get(&st->props, "saferemove-stepsize");
	const char *speed = keyvals_get(&st->props, "saferemove_throughput");
	auto_free char *bytes =
		xasprintf("%llu", strtoull(step ? step : "32", NULL, 10) * 1024 * 1024);

	if (device_zeros)
		commands_add(
			commands, COMMAND_MUST,
			WORDS("blkdiscard", "-v", "--zeroout", "--step", bytes, device));
	else
		commands_add(commands, COMMAND_MUST,
			     WORDS("cstream", "-i", "/dev/zero", "-o", device, "-T", "10",
				   "-v", "1", "-b", "1048576", "-t",
				   speed ? speed : "-10485760"));
}

/*
 * Zero the volume under another name, which no listing shows, and remove it. cstream ends
 * with an error when the device is full: that is its end here.
 */
static int remove_safely(const struct storage *st, const char *volname, struct notes *notes,
			 struct error *err)
{
	auto_commands struct commands prepare = { .package = LVM_PACKAGE },
				      zero = { .package = "cstream" },
				      remove = { .package = LVM_PACKAGE };
	auto_free char *name = xasprintf("del-%s", volname);
	auto_free char *target = lvm_name(st, name, NULL);
	auto_free char *device = xasprintf("/dev/%s", target);
	struct error failed;

	commands_add(&prepare, COMMAND_MUST, WORDS("lvrename", lvm_vg(st), volname, name));
	commands_add(&prepare, COMMAND_MUST, WORDS("lvchange", "-aey", target));
	if (run(&prepare, notes, err) < 0)
		return -1;
	lvm_plan_zero(st, device, can_zero(device), &zero);
	if (commands_run(&zero, 0, notes, &failed) < 0)
		notes_add(notes, "%s", failed.text);
	commands_add(&remove, COMMAND_MUST, WORDS("lvremove", "-f", target));
	return run(&remove, notes, err);
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
		return remove_safely(st, volname, notes, err);
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
