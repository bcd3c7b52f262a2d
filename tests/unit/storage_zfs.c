#include "storage/zfs.h"

#include <string.h>

#include "base/own.h"
#include "test.h"

/* "zfs list -o name,volsize,origin,type,refquota -t volume,filesystem -d1 -Hp tank/ct" */
static const char list_text[] =
	"tank/ct\t-\t-\tfilesystem\t0\n"
	"tank/ct/subvol-100-disk-0\t-\t-\tfilesystem\t8589934592\n"
	"tank/ct/subvol-100-disk-1\t-\t-\tfilesystem\tnone\n"
	"tank/ct/vm-101-disk-0\t4294967296\t-\tvolume\t-\n"
	"tank/ct/basevol-102-disk-0\t-\t-\tfilesystem\t1073741824\n"
	"tank/ct/subvol-103-disk-0\t-\ttank/ct/basevol-102-disk-0@__base__\tfilesystem\t0\n"
	"tank/ct/subvol-104-disk-0\t-\ttank/other@__base__\tfilesystem\t0\n"
	"tank/ct/subvol-105-disk-0\t-\ttank/ct/basevol-102-disk-0@daily\tfilesystem\t0\n"
	"tank/ct/vm-106-disk-0\t-\t-\tfilesystem\t0\n"
	"tank/ct/data\t-\t-\tfilesystem\t0\n"
	"tank/ctx/subvol-107-disk-0\t-\t-\tfilesystem\t0\n"
	"tank/ct/subvol-108-disk-0\n\n";

static struct storage pool(void)
{
	static char id[] = "tank", type[] = "zfspool";
	struct storage st = { .id = id, .type_name = type, .type = &storage_zfspool };

	keyvals_set(&st.props, "pool", "tank/ct");
	return st;
}

static void expect_plan(struct commands *commands, const char *want)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	commands_format(commands, &text);
	EXPECT_TEXT(text.at, want);
	commands_done(commands);
}

TEST("the list has the volumes of the pool, a clone's with its base in front")
{
	auto_volume_list struct volume_list list = { 0 }, one = { 0 };
	struct storage st = pool();

	zfs_add_volumes(&st, slice(list_text), 0, &list);
	EXPECT_INT(list.count, 7);
	EXPECT_TEXT(list.at[0].volid, "tank:subvol-100-disk-0");
	EXPECT_INT(list.at[0].size, 8589934592);
	EXPECT_TEXT(list.at[0].format, "subvol");
	EXPECT_INT(list.at[1].size, 0);
	EXPECT_TEXT(list.at[2].volid, "tank:vm-101-disk-0");
	EXPECT_TEXT(list.at[2].format, "raw");
	EXPECT_INT(list.at[2].size, 4294967296);
	EXPECT_TEXT(list.at[3].volid, "tank:basevol-102-disk-0");
	EXPECT_TEXT(list.at[4].volid, "tank:basevol-102-disk-0/subvol-103-disk-0");
	EXPECT_TEXT(list.at[5].volid, "tank:subvol-104-disk-0");
	EXPECT_TEXT(list.at[6].volid, "tank:subvol-105-disk-0");
	zfs_add_volumes(&st, slice(list_text), 103, &one);
	EXPECT_INT(one.count, 1);
	keyvals_done(&st.props);
}

TEST("names that could mean something else to zfs are no volumes")
{
	static const char *const bad[] = { "",
					   "x",
					   "subvol-100-a@b",
					   "subvol-100-a#b",
					   "subvol-100-a,b",
					   "subvol-100-a%b",
					   "../subvol-100-disk-0",
					   "/subvol-100-disk-0",
					   "vm-100-disk-0/subvol-101-disk-0",
					   "basevol-100-disk-0/",
					   "basevol-100-a/b/subvol-101-disk-0",
					   "basevol-1-a/basevol-2-a/subvol-3-a" };
	struct storage st = pool();
	struct volume volume;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(st.type->parse(&st, slice(bad[i]), &volume, &err) < 0);
	EXPECT(st.type->parse(&st, slice("x y"), &volume, &err) < 0);
	EXPECT_TEXT(err.text, "unable to parse zfs volume name 'x y'");
	EXPECT(st.type->parse(&st, slice("basevol-9000-disk-0/subvol-101-disk-0"), &volume,
			      &err) == 0);
	EXPECT(volume.vmid == 101 && volume.format == FORMAT_SUBVOL && !volume.is_base);
	EXPECT(slice_is(volume.base, "basevol-9000-disk-0"));
	EXPECT(slice_is(volume.name, "subvol-101-disk-0"));
	keyvals_done(&st.props);
}

static void expect_path(const struct storage *st, const char *volname, const char *snap,
			const char *want)
{
	auto_free char *path = st->type->path(st, slice(volname), snap);

	EXPECT_TEXT(path, want);
}

TEST("paths are below the mount point, or devices; a directory's snapshot is a dataset")
{
	struct storage st = pool();
	auto_free char *source =
		st.type->snapshot_dataset(&st, "basevol-9-disk-0/subvol-1-disk-0", "one");

	EXPECT_TEXT(source, "tank/ct/subvol-1-disk-0@one");
	expect_path(&st, "basevol-9-disk-0/subvol-1-disk-0", NULL,
		    "/tank/ct/subvol-1-disk-0");
	expect_path(&st, "vm-1-disk-0", NULL, "/dev/zvol/tank/ct/vm-1-disk-0");
	expect_path(&st, "vm-1-disk-0", "one", NULL);
	keyvals_set(&st.props, "mountpoint", "/srv/ct");
	expect_path(&st, "subvol-1-disk-0", NULL, "/srv/ct/subvol-1-disk-0");
	expect_path(&st, "subvol-1-disk-0", "one", "/srv/ct/subvol-1-disk-0@one");
	keyvals_done(&st.props);
}

TEST("a pool counts as mounted when it, or a dataset below it, is")
{
	struct slice text = slice("rpool/ROOT                      /\n"
				  "tank/ct/subvol-100-disk-0       /tank/ct/x\n");

	EXPECT(zfs_is_mounted(text, "tank/ct"));
	EXPECT(zfs_is_mounted(text, "rpool/ROOT"));
	EXPECT(!zfs_is_mounted(text, "tank/c"));
	EXPECT(!zfs_is_mounted(slice(""), "tank"));
}

TEST("usage is what zfs get tells of available and used")
{
	struct storage_usage usage = { 0 };

	EXPECT(zfs_usage_parse(slice("3000\n1000\n"), &usage));
	EXPECT(usage.total == 4000 && usage.used == 1000 && usage.avail == 3000);
	EXPECT(!zfs_usage_parse(slice("3000\n"), &usage));
	EXPECT(!zfs_usage_parse(slice("x\ny\n"), &usage));
}

TEST("of the snapshots the newer ones are told, those of other datasets do not count")
{
	struct slice text =
		slice("tank/v@one\ntank/v/child@two\ntank/v@two\ntank/v@three\n");
	auto_notes struct notes newer = { 0 };
	size_t count = 9;

	EXPECT(zfs_find_snapshot(text, "tank/v", "three", NULL, &count));
	EXPECT_INT(count, 0);
	EXPECT(zfs_find_snapshot(text, "tank/v", "one", &newer, &count));
	EXPECT_INT(count, 2);
	EXPECT_INT(newer.count, 2);
	EXPECT_TEXT(newer.text[0], "two");
	EXPECT_TEXT(newer.text[1], "three");
	EXPECT(!zfs_find_snapshot(text, "tank/v", "thr", NULL, &count));
}

TEST("directories get a quota, images a size in whole MiB")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	struct storage st = pool();

	zfs_plan_create(&st, "subvol-100-disk-0", 4194304, &commands);
	zfs_plan_create(&st, "subvol-100-disk-1", 0, &commands);
	zfs_plan_create(&st, "vm-100-disk-2", 1025, &commands);
	expect_plan(&commands,
		    "zfs create -o acltype=posixacl -o xattr=sa -o refquota=4194304k "
		    "tank/ct/subvol-100-disk-0\n"
		    "zfs create -o acltype=posixacl -o xattr=sa -o refquota=none "
		    "tank/ct/subvol-100-disk-1\n"
		    "zfs create -V 2048k tank/ct/vm-100-disk-2\n");
	keyvals_set(&st.props, "sparse", "1");
	zfs_plan_create(&st, "vm-100-disk-2", 1024, &commands);
	keyvals_set(&st.props, "blocksize", "16k");
	zfs_plan_create(&st, "vm-100-disk-2", 1024, &commands);
	keyvals_set(&st.props, "sparse", "0");
	zfs_plan_create(&st, "vm-100-disk-2", 1024, &commands);
	expect_plan(&commands, "zfs create -s -V 1024k tank/ct/vm-100-disk-2\n"
			       "zfs create -s -b 16k -V 1024k tank/ct/vm-100-disk-2\n"
			       "zfs create -b 16k -V 1024k tank/ct/vm-100-disk-2\n");
	keyvals_done(&st.props);
}

TEST("a directory's snapshot keeps the quota, in the step that makes it")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	struct storage st = pool();

	zfs_plan_snapshot(&st, "subvol-100-disk-0", "one", 1048576, &commands);
	zfs_plan_snapshot(&st, "vm-100-disk-0", "one", 0, &commands);
	expect_plan(&commands, "zfs snapshot -o pve-storage:refquota=1048576 "
			       "tank/ct/subvol-100-disk-0@one\n"
			       "zfs snapshot tank/ct/vm-100-disk-0@one\n");
	keyvals_done(&st.props);
}

TEST("a rollback restores the quota that the snapshot kept")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	auto_notes struct notes notes = { 0 };
	struct storage st = pool();

	zfs_plan_roll_back(&st, "subvol-1-a", "one", slice("1048576"), &notes, &commands);
	zfs_plan_roll_back(&st, "subvol-1-a", "two", slice("0"), &notes, &commands);
	zfs_plan_roll_back(&st, "subvol-1-a", "old", slice("-"), &notes, &commands);
	zfs_plan_roll_back(&st, "vm-1-a", "one", slice("7"), &notes, &commands);
	EXPECT_INT(notes.count, 0);
	zfs_plan_roll_back(&st, "subvol-1-a", "odd", slice("8G"), &notes, &commands);
	EXPECT_INT(notes.count, 1);
	expect_plan(&commands, "zfs rollback tank/ct/subvol-1-a@one\n"
			       "zfs set refquota=1048576 tank/ct/subvol-1-a\n"
			       "zfs rollback tank/ct/subvol-1-a@two\n"
			       "zfs set refquota=none tank/ct/subvol-1-a\n"
			       "zfs rollback tank/ct/subvol-1-a@old\n"
			       "zfs rollback tank/ct/vm-1-a@one\n"
			       "zfs rollback tank/ct/subvol-1-a@odd\n");
	keyvals_done(&st.props);
}

TEST("a clone comes from the base's own snapshot, with the base's quota")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	struct storage st = pool();

	zfs_plan_clone(&st, "basevol-9-disk-0", "basevol-9-disk-0/subvol-1-disk-0", 1024,
		       &commands);
	zfs_plan_clone(&st, "basevol-9-disk-0", "basevol-9-disk-0/subvol-1-disk-1", 0,
		       &commands);
	zfs_plan_clone(&st, "base-9-disk-1", "base-9-disk-1/vm-1-disk-2", 0, &commands);
	expect_plan(&commands,
		    "zfs clone -o refquota=1024 tank/ct/basevol-9-disk-0@__base__ "
		    "tank/ct/subvol-1-disk-0\n"
		    "zfs clone -o refquota=none tank/ct/basevol-9-disk-0@__base__ "
		    "tank/ct/subvol-1-disk-1\n"
		    "zfs clone tank/ct/base-9-disk-1@__base__ "
		    "tank/ct/vm-1-disk-2\n");
	keyvals_done(&st.props);
}

TEST("resizing sets the quota of a directory, the size of an image")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	struct storage st = pool();

	zfs_plan_resize(&st, "basevol-9-a/subvol-1-a", 5000, &commands);
	zfs_plan_resize(&st, "vm-1-a", 5000, &commands);
	expect_plan(&commands, "zfs set refquota=5000k tank/ct/subvol-1-a\n"
			       "zfs set volsize=5120k tank/ct/vm-1-a\n");
	keyvals_done(&st.props);
}

TEST("acl of a mount point becomes acltype, which is left alone if it is so already")
{
	struct commands commands = { .package = ZFS_PACKAGE };
	struct storage st = pool();

	zfs_plan_acl(&st, "basevol-9-a/subvol-1-a", true, slice("off"), &commands);
	zfs_plan_acl(&st, "subvol-1-a", true, slice("nfsv4"), &commands);
	zfs_plan_acl(&st, "subvol-1-a", false, slice("posix"), &commands);
	zfs_plan_acl(&st, "subvol-1-b", true, slice("posix"), &commands);
	zfs_plan_acl(&st, "subvol-1-b", true, slice("posixacl"), &commands);
	zfs_plan_acl(&st, "subvol-1-b", false, slice("off"), &commands);
	zfs_plan_acl(&st, "subvol-1-b", false, slice("noacl"), &commands);
	expect_plan(&commands, "zfs set acltype=posixacl tank/ct/subvol-1-a\n"
			       "zfs set acltype=posixacl tank/ct/subvol-1-a\n"
			       "zfs set acltype=noacl tank/ct/subvol-1-a\n");
	keyvals_done(&st.props);
}

static void expect_words(char **words, const char *want)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (char **word = words; *word; word++)
		strbuf_addf(&text, "%s%s", word == words ? "" : " ", *word);
	EXPECT_TEXT(text.at, want);
	free_words(&words);
}

TEST("streams are sent whole or from a base, and arrive under a name that no listing shows")
{
	struct storage st = pool();
	struct volume_stream stream = { .format = "zfs", .snapshot = "two" };
	auto_free char *arrival = zfs_arrival(&st, "basevol-9-a/subvol-1-a");
	auto_volume_list struct volume_list list = { 0 };

	expect_words(zfs_send_words(&st, "-RpvU", "subvol-1-a", &stream),
		     "zfs send -RpvU -- tank/ct/subvol-1-a@two");
	stream.base = "one";
	expect_words(zfs_send_words(&st, "-RpvU", "subvol-1-a", &stream),
		     "zfs send -RpvU -i one -- tank/ct/subvol-1-a@two");
	stream.with_snapshots = true;
	expect_words(zfs_send_words(&st, "-RpvU", "subvol-1-a", &stream),
		     "zfs send -RpvU -I one -- tank/ct/subvol-1-a@two");
	EXPECT_TEXT(arrival, "tank/ct/recv-subvol-1-a");
	zfs_add_volumes(&st, slice("tank/ct/recv-subvol-1-a\t-\t-\tfilesystem\t0\n"), 0,
			&list);
	EXPECT_INT(list.count, 0);
	keyvals_done(&st.props);
}
