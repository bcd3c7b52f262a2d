#include "storage/lvm.h"

#include <string.h>

#include "base/own.h"
#include "storage/lvmthick.h"
#include "storage/lvmthin.h"
#include "storage/lvmwipe.h"
#include "test.h"

/* As lvs prints it for the columns of storage.md 6.4. */
static const char lvs_text[] =
	"  pve:data:53687091200:twi-aotz--::12.50:1.25::u1::56623104:1700000000\n"
	"  pve:root:10737418240:-wi-ao----:::::u2:::1700000001\n"
	"  pve:vm-100-disk-0:8589934592:Vwi-aotz--:data:3.00:::u3:::1700000002\n"
	"  pve:vm-100-disk-1:8388608:-wi-a-----:::::u4:pve-vm-100,other::1700000003\n"
	"  pve:vm-101-disk-0:4294967296:Vwi---tz-k:other:::::u5:::1700000004\n"
	"  pve:snap_vm-100-disk-0_one:8589934592:Vri---tz-k:data:::::u6:::1700000005\n"
	"  pve:snap_vm-100-disk-0_a_b:8589934592:Vri---tz-k:data:::::u7:::1700000006\n"
	"  pve:base-102-disk-0:1073741824:Vri---tz-k:data:::::u8:::1700000007\n"
	"  pve:vm-103-disk-3.qcow2:1073741824:-wi-------:::::u9:pve-vm-9::1700000007\n"
	"  short:line\n\n";

static struct storage thin(void)
{
	static char id[] = "thin", type[] = "lvmthin";
	struct storage st = { .id = id, .type_name = type, .type = &storage_lvmthin };

	keyvals_set(&st.props, "vgname", "pve");
	keyvals_set(&st.props, "thinpool", "data");
	return st;
}

static struct storage thick(void)
{
	static char id[] = "thick", type[] = "lvm";
	struct storage st = { .id = id, .type_name = type, .type = &storage_lvm };

	keyvals_set(&st.props, "vgname", "pve");
	return st;
}

static void parse_all(struct lv_list *lvs)
{
	lvs_parse(slice(lvs_text), lvs);
}

/* The plan as text, which also ends it. */
static void expect_plan(struct commands *commands, const char *want)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	commands_format(commands, &text);
	EXPECT_TEXT(text.at, want);
	commands_done(commands);
}

TEST("each line of lvs becomes a logical volume, lines of another form do not")
{
	auto_lv_list struct lv_list lvs = { 0 };
	const struct lv *pool, *volume, *base;

	parse_all(&lvs);
	EXPECT_INT(lvs.count, 9);
	pool = lv_find(&lvs, "data");
	EXPECT(pool && lv_is_pool(pool) && lv_is_active(pool) && !lv_is_thin(pool));
	EXPECT(pool && pool->data_percent > 12.49 && pool->data_percent < 12.51);
	volume = lv_find(&lvs, "vm-100-disk-0");
	EXPECT(volume && lv_is_thin(volume) && lv_is_active(volume) &&
	       !lv_is_read_only(volume));
	EXPECT(volume && volume->size == 8589934592);
	EXPECT_TEXT(volume ? volume->pool : "", "data");
	base = lv_find(&lvs, "base-102-disk-0");
	EXPECT(base && lv_is_read_only(base) && !lv_is_active(base));
	EXPECT(lv_is_plain(lv_find(&lvs, "root")));
	EXPECT_TEXT(lv_find(&lvs, "vm-100-disk-1")->tags, "pve-vm-100,other");
	EXPECT(lv_find(&lvs, "vm-100-disk-9") == NULL);
}

TEST("a volume group is found in the output of vgs by its whole name")
{
	struct slice text = slice("  pve2:5:4:1\n  pve:205520896:197132288:1\n  x:y:z\n");
	uint64_t size = 0, avail = 0;

	EXPECT(vgs_parse(text, "pve", &size, &avail));
	EXPECT_INT(size, 205520896);
	EXPECT_INT(avail, 197132288);
	EXPECT(!vgs_parse(text, "pv", &size, &avail));
	EXPECT(!vgs_parse(text, "x", &size, &avail));
}

TEST("names of other kinds, and those that LVM cannot have, are no volumes")
{
	static const char *const bad[] = { "",
					   "disk",
					   "vm-100-",
					   "vm-0-disk-0",
					   "vm-01-disk-0",
					   "subvol-100-disk-0",
					   "vm-100-a/b",
					   "vm-100-a b",
					   "../vm-100-disk-0",
					   "vm-100-a@b",
					   "-vm-100-disk",
					   "vm-100-disk:0" };
	struct storage st = thin(), lvm = thick();
	struct volume volume;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(st.type->parse(&st, slice(bad[i]), &volume, &err) < 0);
		EXPECT(lvm.type->parse(&lvm, slice(bad[i]), &volume, &err) < 0);
	}
	EXPECT(st.type->parse(&st, slice("x"), &volume, &err) < 0);
	EXPECT_TEXT(err.text, "unable to parse lvm volume name 'x'");
	EXPECT(st.type->parse(&st, slice("base-102-disk-0"), &volume, &err) == 0);
	EXPECT(volume.is_base && volume.vmid == 102 && volume.format == FORMAT_RAW);
	EXPECT(lvm.type->parse(&lvm, slice("base-102-disk-0"), &volume, &err) < 0);
	EXPECT(lvm.type->parse(&lvm, slice("vm-103-disk-3.qcow2"), &volume, &err) == 0);
	EXPECT(volume.format == FORMAT_OTHER);
	keyvals_done(&st.props);
	keyvals_done(&lvm.props);
}

TEST("paths are those of the device mapper's links, a snapshot's too")
{
	struct storage st = thin(), lvm = thick();
	auto_free char *path = st.type->path(&st, slice("vm-100-disk-0"), NULL);
	auto_free char *snapshot = st.type->path(&st, slice("vm-100-disk-0"), "one");

	EXPECT_TEXT(path, "/dev/pve/vm-100-disk-0");
	EXPECT_TEXT(snapshot, "/dev/pve/snap_vm-100-disk-0_one");
	EXPECT(lvm.type->path(&lvm, slice("vm-100-disk-0"), "one") == NULL);
	keyvals_done(&st.props);
	keyvals_done(&lvm.props);
}

TEST("thick volumes are listed, with tagged_only those that carry their owner's tag")
{
	auto_lv_list struct lv_list lvs = { 0 };
	auto_volume_list struct volume_list all = { 0 }, tagged = { 0 }, none = { 0 };
	struct storage st = thick();

	parse_all(&lvs);
	lvm_add_volumes(&st, &lvs, 0, lvm_is_listed, &all);
	EXPECT_INT(all.count, 2);
	EXPECT_TEXT(all.at[0].volid, "thick:vm-100-disk-1");
	EXPECT_INT(all.at[0].size, 8388608);
	EXPECT_TEXT(all.at[1].format, "qcow2");
	lvm_add_volumes(&st, &lvs, 102, lvm_is_listed, &none);
	EXPECT_INT(none.count, 0);
	keyvals_set(&st.props, "tagged_only", "1");
	lvm_add_volumes(&st, &lvs, 0, lvm_is_listed, &tagged);
	EXPECT_INT(tagged.count, 1);
	keyvals_done(&st.props);
}

TEST("thin volumes are listed with base volumes, those of other pools and snapshots are not")
{
	auto_lv_list struct lv_list lvs = { 0 };
	auto_volume_list struct volume_list all = { 0 }, one = { 0 };
	struct storage st = thin();

	parse_all(&lvs);
	lvm_add_volumes(&st, &lvs, 0, lvmthin_is_listed, &all);
	EXPECT_INT(all.count, 2);
	EXPECT_TEXT(all.at[0].volid, "thin:vm-100-disk-0");
	EXPECT_TEXT(all.at[1].volid, "thin:base-102-disk-0");
	lvm_add_volumes(&st, &lvs, 102, lvmthin_is_listed, &one);
	EXPECT_INT(one.count, 1);
	keyvals_done(&st.props);
}

TEST("a thick volume is made in one command, wiped and tagged")
{
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thick();

	lvm_plan_create(&st, "vm-100-disk-2", 100, 4194304, &commands);
	expect_plan(&commands,
		    "lvcreate -aly -Wy --yes --size 4194304k --name vm-100-disk-2 "
		    "--setautoactivation n --addtag pve-vm-100 pve\n");
	keyvals_done(&st.props);
}

static void expect_zeroing(const struct storage *st, bool device_zeros, uint64_t step,
			   uint64_t bytes_per_s, bool strictly)
{
	struct zeroing how;

	lvm_plan_zero(st, device_zeros, &how);
	EXPECT_INT(how.step, step);
	EXPECT_INT(how.bytes_per_s, bytes_per_s);
	EXPECT_INT(how.strictly, strictly);
}

TEST("safe removal zeroes by the device in large steps if it can, else slowly by writing")
{
	struct storage st = thick();

	expect_zeroing(&st, true, 32 << 20, 0, false);
	expect_zeroing(&st, false, 1 << 20, 10485760, true);
	keyvals_set(&st.props, "saferemove-stepsize", "4");
	keyvals_set(&st.props, "saferemove_throughput", "5M");
	expect_zeroing(&st, true, 4 << 20, 0, false);
	expect_zeroing(&st, false, 1 << 20, 5 << 20, false);
	keyvals_done(&st.props);
}

TEST("volumes that wait to be wiped are found by name, no other is, and names stay apart")
{
	auto_lv_list struct lv_list lvs = { 0 };
	auto_free char *first = NULL, *second = NULL;
	auto_volume_list struct volume_list list = { 0 };
	struct storage st = thick();
	const struct lv *lv;

	lvs_parse(slice("pve:del-data:1:-wi-------:::::u:::1\n"
			"pve:del-vm-100-disk-0:1:-wi-------:::::u:::1\n"
			"pve:del-vm-100-disk-1:1:Vwi-------:data:::::u:::1\n"
			"pve:del-vm-100-disk-0.2:1:-wi-------:::::u:::1\n"
			"pve:vm-100-disk-0:1:-wi-------:::::u:::1\n"),
		  &lvs);
	first = lvm_condemned_name(&lvs, "vm-100-disk-7");
	EXPECT_TEXT(first, "del-vm-100-disk-7");
	second = lvm_condemned_name(&lvs, "vm-100-disk-0");
	EXPECT_TEXT(second, "del-vm-100-disk-0.3");
	lv = lvm_next_condemned(&lvs, NULL);
	EXPECT_TEXT(lv ? lv->name : NULL, "del-vm-100-disk-0");
	lv = lvm_next_condemned(&lvs, "del-vm-100-disk-0");
	EXPECT_TEXT(lv ? lv->name : NULL, "del-vm-100-disk-0.2");
	EXPECT(lvm_next_condemned(&lvs, "del-vm-100-disk-0.2") == NULL);
	lvm_add_volumes(&st, &lvs, 0, lvm_is_listed, &list);
	EXPECT_INT(list.count, 1);
	keyvals_done(&st.props);
}

TEST("a new owner's tag replaces the old one's, a new name alone has none to change")
{
	struct commands moved = { .package = LVM_PACKAGE },
			same = { .package = LVM_PACKAGE };
	struct storage st = thin();

	lvm_plan_rename(&st, "vm-100-disk-0", "vm-101-disk-4", &moved);
	expect_plan(&moved, "lvrename pve vm-100-disk-0 vm-101-disk-4\n"
			    "lvchange --addtag pve-vm-101 --deltag pve-vm-100 "
			    "pve/vm-101-disk-4\n");
	lvm_plan_rename(&st, "vm-100-disk-0", "vm-100-disk-4", &same);
	expect_plan(&same, "lvrename pve vm-100-disk-0 vm-100-disk-4\n");
	keyvals_done(&st.props);
}

TEST("a thin volume is made in its pool and not activated at boot")
{
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thin();

	lvmthin_plan_create(&st, "vm-100-disk-2", 4194304, &commands);
	expect_plan(&commands,
		    "lvcreate -aly -V 4194304k --name vm-100-disk-2 --thinpool pve/data\n"
		    "lvchange --setautoactivation n pve/vm-100-disk-2\n");
	keyvals_done(&st.props);
}

TEST("freeing a thin volume removes its snapshots first, and nobody else's")
{
	auto_lv_list struct lv_list lvs = { 0 };
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thin();

	parse_all(&lvs);
	lvmthin_plan_free(&st, &lvs, "vm-100-disk-0", &commands);
	expect_plan(&commands, "lvremove -f pve/snap_vm-100-disk-0_one\n"
			       "lvremove -f pve/snap_vm-100-disk-0_a_b\n"
			       "lvremove -f pve/vm-100-disk-0\n");
	lvmthin_plan_free(&st, &lvs, "vm-100-disk-7", &commands);
	expect_plan(&commands, "");
	lvs_parse(slice("pve:vm-100-disk-0_a:1:Vwi-------:data:::::u:::1\n"), &lvs);
	lvmthin_plan_free(&st, &lvs, "vm-100-disk-0", &commands);
	expect_plan(&commands, "lvremove -f pve/snap_vm-100-disk-0_one\n"
			       "lvremove -f pve/vm-100-disk-0\n");
	keyvals_done(&st.props);
}

TEST("a thin rollback completes the new volume before the old one goes, also after a crash")
{
	auto_lv_list struct lv_list lvs = { 0 };
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thin();

	parse_all(&lvs);
	lvmthin_plan_roll_back(&st, &lvs, "vm-100-disk-0", "one", &commands);
	expect_plan(&commands,
		    "lvcreate -kn -n tmp_vm-100-disk-0 -s pve/snap_vm-100-disk-0_one\n"
		    "lvremove -f pve/vm-100-disk-0\n"
		    "lvrename pve tmp_vm-100-disk-0 vm-100-disk-0\n"
		    "lvchange --setautoactivation n pve/vm-100-disk-0\n");
	lv_list_done(&lvs);
	lvs_parse(slice("pve:tmp_vm-100-disk-0:1:Vwi-------:data:::::u:::1\n"), &lvs);
	lvmthin_plan_roll_back(&st, &lvs, "vm-100-disk-0", "one", &commands);
	expect_plan(&commands,
		    "lvremove -f pve/tmp_vm-100-disk-0\n"
		    "lvcreate -kn -n tmp_vm-100-disk-0 -s pve/snap_vm-100-disk-0_one\n"
		    "lvrename pve tmp_vm-100-disk-0 vm-100-disk-0\n"
		    "lvchange --setautoactivation n pve/vm-100-disk-0\n");
	keyvals_done(&st.props);
}

TEST("a thin base volume is refused with snapshots, and completed after a crash")
{
	auto_lv_list struct lv_list lvs = { 0 }, after = { 0 };
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thin();
	struct error err;

	parse_all(&lvs);
	EXPECT(lvmthin_plan_base(&st, &lvs, "vm-100-disk-0", "base-100-disk-0", &commands,
				 &err) < 0);
	EXPECT_TEXT(err.text, "unable to create a template from volume "
			      "'thin:vm-100-disk-0', it has snapshots");
	EXPECT(lvmthin_plan_base(&st, &lvs, "vm-9-disk-0", "base-9-disk-0", &commands,
				 &err) < 0);
	EXPECT_TEXT(err.text, "volume 'thin:vm-9-disk-0' does not exist");
	EXPECT(lvmthin_plan_base(&st, &lvs, "vm-101-disk-0", "base-101-disk-0", &commands,
				 &err) == 0);
	expect_plan(&commands, "lvrename pve vm-101-disk-0 base-101-disk-0\n"
			       "lvchange -pr -ky pve/base-101-disk-0\n"
			       "lvchange -an pve/base-101-disk-0\n");
	lvs_parse(slice("pve:base-101-disk-0:1:Vwi-a-----:data:::::u:::1\n"), &after);
	EXPECT(lvmthin_plan_base(&st, &after, "vm-101-disk-0", "base-101-disk-0", &commands,
				 &err) == 0);
	expect_plan(&commands, "lvchange -pr -ky pve/base-101-disk-0\n"
			       "lvchange -an pve/base-101-disk-0\n");
	EXPECT(lvmthin_plan_base(&st, &lvs, "vm-102-disk-0", "base-102-disk-0", &commands,
				 &err) == 0);
	expect_plan(&commands, "lvchange -an pve/base-102-disk-0\n");
	keyvals_done(&st.props);
}

TEST("a thin clone comes from a base volume or a snapshot and is writable")
{
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thin();

	lvmthin_plan_clone(&st, "base-102-disk-0", NULL, "vm-104-disk-0", &commands);
	lvmthin_plan_clone(&st, "vm-100-disk-0", "one", "vm-104-disk-1", &commands);
	expect_plan(&commands,
		    "lvcreate -n vm-104-disk-0 -prw -kn -s pve/base-102-disk-0\n"
		    "lvchange --setautoactivation n pve/vm-104-disk-0\n"
		    "lvcreate -n vm-104-disk-1 -prw -kn -s pve/snap_vm-100-disk-0_one\n"
		    "lvchange --setautoactivation n pve/vm-104-disk-1\n");
	keyvals_done(&st.props);
}

TEST("an import's volume takes the place of the one that a killed import left")
{
	auto_lv_list struct lv_list lvs = { 0 };
	struct commands commands = { .package = LVM_PACKAGE };
	struct storage st = thick();

	lvm_plan_stage(&st, &lvs, "vm-100-disk-0", &commands);
	expect_plan(&commands, "");
	lvs_parse(slice("pve:tmp_vm-100-disk-0:1:-wi-------:::::u:::1\n"
			"pve:tmp_vm-100-disk-0:1:-wi-------::::::u:::1\n"),
		  &lvs);
	lvm_plan_stage(&st, &lvs, "vm-100-disk-0", &commands);
	expect_plan(&commands, "lvremove -f pve/tmp_vm-100-disk-0\n");
	keyvals_done(&st.props);
}
