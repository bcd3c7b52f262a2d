#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"
#include "storage/lvm.h"

const char *lvm_vg(const struct storage *st)
{
	return keyvals_get(&st->props, "vgname");
}

char *lvm_name(const struct storage *st, const char *volname, const char *snap)
{
	if (snap)
		return xasprintf("%s/snap_%s_%s", lvm_vg(st), volname, snap);
	return xasprintf("%s/%s", lvm_vg(st), volname);
}

char *lvm_path(const struct storage *st, struct slice volname, const char *snap)
{
	auto_free char *text = slice_dup(volname);
	auto_free char *name = lvm_name(st, text, snap);

	return xasprintf("/dev/%s", name);
}

/* A volume group that appeared after the boot is looked for once more. */
int lvm_activate(const struct storage *st, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_notes struct notes ignored = { 0 };
	uint64_t size, avail;

	if (lvm_group(st, &size, &avail, err) == 0)
		return 0;
	commands_add(&commands, COMMAND_SHOULD,
		     WORDS("vgscan", "--ignorelockingfailure", "--mknodes"));
	if (commands_run(&commands, LVM_TIMEOUT_S, &ignored, err) < 0 ||
	    lvm_group(st, &size, &avail, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return 0;
}

char *lvm_new_name(const struct storage *st, unsigned vmid, enum volume_format format,
		   struct error *err)
{
	auto_lv_list struct lv_list list = { 0 };
	struct taken_disks taken = { 0 };
	unsigned number;

	(void)format;
	if (lvm_list(st, &list, err) < 0)
		return NULL;
	for (size_t i = 0; i < list.count; i++)
		disk_take(&taken, slice(list.at[i].name), vmid);
	if (disk_free_number(st, vmid, &taken, &number, err) < 0)
		return NULL;
	return xasprintf("vm-%u-disk-%u", vmid, number);
}

static void remove_made(const struct storage *st, const char *name)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };
	auto_free char *made = lvm_name(st, name, NULL);
	struct error ignored;

	if (lvm_list(st, &lvs, &ignored) < 0 || !lv_find(&lvs, name))
		return;
	commands_add(&commands, COMMAND_MUST, WORDS("lvremove", "-f", made));
	commands_run(&commands, LVM_TIMEOUT_S, NULL, &ignored);
}

int lvm_make(const struct storage *st, const struct lv_list *lvs, const char *name,
	     const struct commands *commands, struct error *err)
{
	if (lv_find(lvs, name))
		return fail(err, 0, "logical volume '%s/%s' already exists", lvm_vg(st),
			    name);
	if (commands_run(commands, LVM_TIMEOUT_S, NULL, err) == 0)
		return 0;
	remove_made(st, name);
	return -1;
}

int lvm_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err)
{
	auto_lv_list struct lv_list list = { 0 };
	const struct lv *lv;

	if (lvm_list(st, &list, err) < 0)
		return -1;
	lv = lv_find(&list, volname);
	if (!lv)
		return fail(err, 0, "volume '%s:%s' does not exist", st->id, volname);
	*bytes = lv->size;
	return 0;
}

/* Rounding up to whole extents may have made it as large before: that is an error to LVM.
 */
int lvm_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *size = xasprintf("%" PRIu64 "k", size_kib);
	auto_free char *path = lvm_path(st, slice(volname), NULL);
	uint64_t bytes;

	if (lvm_size(st, volname, &bytes, err) < 0)
		return -1;
	if (bytes / 1024 >= size_kib)
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("lvextend", "-L", size, path));
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

void lvm_plan_stage(const struct storage *st, const struct lv_list *lvs,
		    const char *volname, struct commands *commands)
{
	auto_free char *temp = xasprintf("tmp_%s", volname);
	auto_free char *target = lvm_name(st, temp, NULL);

	if (lv_find(lvs, temp))
		commands_add(commands, COMMAND_MUST, WORDS("lvremove", "-f", target));
}

char *lvm_stage_name(const char *volname)
{
	return xasprintf("tmp_%s", volname);
}

int lvm_stage_clear(const struct storage *st, const char *volname, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_lv_list struct lv_list lvs = { 0 };

	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	lvm_plan_stage(st, &lvs, volname, &commands);
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

void lvm_stage_fill(const struct storage *st, const char *volname, unsigned vmid,
		    struct volume_stage *out)
{
	auto_free char *temp = lvm_stage_name(volname);

	*out = (struct volume_stage){ .vmid = vmid,
				      .name = xstrdup(temp),
				      .path = lvm_path(st, slice(temp), NULL),
				      .held = -1 };
}

int lvm_publish(const struct storage *st, const struct volume_stage *stage,
		const char *volname, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };

	commands_add(&commands, COMMAND_MUST,
		     WORDS("lvrename", lvm_vg(st), stage->name, volname));
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

int lvm_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *target = lvm_name(st, stage->name, NULL);

	commands_add(&commands, COMMAND_MUST, WORDS("lvremove", "-f", target));
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

void lvm_plan_rename(const struct storage *st, const char *volname, const char *new_name,
		     struct commands *commands)
{
	auto_free char *target = lvm_name(st, new_name, NULL);
	auto_free char *old_tag = NULL, *new_tag = NULL;
	unsigned old_owner = 0, new_owner = 0;
	const char *prefix;

	commands_add(commands, COMMAND_MUST,
		     WORDS("lvrename", lvm_vg(st), volname, new_name));
	disk_name_parse(slice(volname), DISK_MARKS_LVM, &prefix, &old_owner);
	disk_name_parse(slice(new_name), DISK_MARKS_LVM, &prefix, &new_owner);
	if (old_owner == new_owner)
		return;
	old_tag = xasprintf("pve-vm-%u", old_owner);
	new_tag = xasprintf("pve-vm-%u", new_owner);
	commands_add(commands, COMMAND_SHOULD,
		     WORDS("lvchange", "--addtag", new_tag, "--deltag", old_tag, target));
}

int lvm_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };

	lvm_plan_rename(st, volname, new_name, &commands);
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}
