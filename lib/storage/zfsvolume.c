#include "storage/zfspool.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "storage/program.h"

#define QUERY_TIMEOUT_S 10
#define WORK_TIMEOUT_S  300
#define DEVICE_WAIT_S   10
#define BUSY_TRIES      6

int zfs_ask(const char *const *argv, struct strbuf *output, struct error *err)
{
	return program_run(&(struct storage_program){ .package = ZFS_PACKAGE,
						      .argv = argv,
						      .timeout_s = QUERY_TIMEOUT_S,
						      .output = output },
			   err);
}

int zfs_get(const char *dataset, const char *property, struct strbuf *text,
	    struct slice *value, struct error *err)
{
	const char *const argv[] = { "zfs", "get",    "-o",    "value",
				     "-Hp", property, dataset, NULL };

	if (zfs_ask(argv, text, err) < 0)
		return -1;
	*value = slice_trim(strbuf_slice(text));
	return 0;
}

static int run(const struct commands *commands, struct error *err)
{
	return commands_run(commands, WORK_TIMEOUT_S, NULL, err);
}

bool zfs_is_subvol(const struct storage *st, const char *volname)
{
	struct volume volume;
	struct error err;

	return st->type->parse(st, slice(volname), &volume, &err) == 0 &&
	       volume.format == FORMAT_SUBVOL;
}

int zfs_size(const struct storage *st, const char *volname, uint64_t *bytes,
	     struct error *err)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice value;

	if (zfs_get(dataset, zfs_is_subvol(st, volname) ? "refquota" : "volsize", &text,
		    &value, err) < 0)
		return -1;
	if (slice_is(value, "none"))
		*bytes = 0;
	else if (!slice_number(value, 0, UINT64_MAX, bytes))
		return fail(err, 0, "unable to read the size of '%s'", dataset);
	return 0;
}

/* Volumes */

/* udev makes the link some time after the zvol. */
static int wait_for_device(const struct storage *st, const char *volname, struct error *err)
{
	auto_free char *device = st->type->path(st, slice(volname), NULL);
	int64_t end = clock_ms() + DEVICE_WAIT_S * 1000;

	while (!path_exists(device)) {
		if (clock_ms() > end)
			return fail(err, 0, "timeout: no zvol device link for '%s' found",
				    volname);
		clock_pause(200);
	}
	return 0;
}

/* A zvol without its device is of no use to anybody. */
int zfs_create(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	struct error ignored;

	if (!zfs_is_subvol(st, volname) && size_kib == 0)
		return fail(err, 0, "a volume of size 0 cannot be made on storage '%s'",
			    st->id);
	zfs_plan_create(st, volname, size_kib, &commands);
	if (run(&commands, err) < 0)
		return -1;
	if (zfs_is_subvol(st, volname) || wait_for_device(st, volname, err) == 0)
		return 0;
	zfs_free(st, volname, NULL, &ignored);
	return -1;
}

int zfs_free(const struct storage *st, const char *volname, struct notes *notes,
	     struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	struct error failed;

	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "destroy", "-r", dataset));
	for (int i = 0; i < BUSY_TRIES; i++) {
		if (run(&commands, &failed) == 0)
			return 0;
		if (strstr(failed.text, "does not exist")) {
			notes_add(notes, "volume '%s:%s' does not exist", st->id, volname);
			return 0;
		}
		if (!strstr(failed.text, "dataset is busy"))
			break;
		clock_pause(1000);
	}
	*err = failed;
	return -1;
}

int zfs_activate_volume(const struct storage *st, const char *volname, const char *snap,
			struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice mounted;

	if (snap)
		return 0;
	if (!zfs_is_subvol(st, volname))
		return wait_for_device(st, volname, err);
	if (zfs_get(dataset, "mounted", &text, &mounted, err) < 0)
		return -1;
	if (slice_is(mounted, "yes"))
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "mount", dataset));
	return run(&commands, err);
}

int zfs_set_acl(const struct storage *st, const char *volname, bool acl, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice now;

	if (zfs_get(dataset, "acltype", &text, &now, err) < 0)
		return -1;
	zfs_plan_acl(st, volname, acl, now, &commands);
	return run(&commands, err);
}

int zfs_resize(const struct storage *st, const char *volname, uint64_t size_kib,
	       struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };

	zfs_plan_resize(st, volname, size_kib, &commands);
	return run(&commands, err);
}

/* Snapshots */

static int plan_snapshot(const struct storage *st, const char *volname, const char *snap,
			 const char *quota_of, struct commands *commands, struct error *err)
{
	uint64_t refquota = 0;

	if (zfs_is_subvol(st, volname) && zfs_size(st, quota_of, &refquota, err) < 0)
		return -1;
	zfs_plan_snapshot(st, volname, snap, refquota, commands);
	return 0;
}

int zfs_snapshot(const struct storage *st, const char *volname, const char *snap,
		 struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };

	if (plan_snapshot(st, volname, snap, volname, &commands, err) < 0)
		return -1;
	return run(&commands, err);
}

int zfs_snapshot_delete(const struct storage *st, const char *volname, const char *snap,
			struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *name = zfs_dataset(st, volname, snap);
	struct error failed;

	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "destroy", name));
	if (run(&commands, &failed) == 0 ||
	    strstr(failed.text, "could not find any snapshots"))
		return 0;
	*err = failed;
	return -1;
}

int zfs_can_roll_back(const struct storage *st, const char *volname, const char *snap,
		      struct notes *newer, struct error *err)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	const char *const argv[] = { "zfs", "list", "-H", "-r",       "-t",    "snapshot",
				     "-o",  "name", "-s", "creation", dataset, NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	size_t count;

	if (zfs_ask(argv, &text, err) < 0)
		return -1;
	if (!zfs_find_snapshot(strbuf_slice(&text), dataset, snap, newer, &count))
		return fail(err, 0, "snapshot '%s' of volume '%s:%s' does not exist", snap,
			    st->id, volname);
	if (count)
		return fail(err, 0,
			    "can't rollback, '%s' is not most recent snapshot on '%s:%s'",
			    snap, st->id, volname);
	return 0;
}

static int unmount(const char *dataset, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	struct error failed;

	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "unmount", dataset));
	if (run(&commands, &failed) == 0 || strstr(failed.text, "not currently mounted"))
		return 0;
	*err = failed;
	return -1;
}

int zfs_roll_back(const struct storage *st, const char *volname, const char *snap,
		  struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *name = zfs_dataset(st, volname, snap);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice saved = slice("-");

	if (zfs_is_subvol(st, volname) &&
	    zfs_get(name, "pve-storage:refquota", &text, &saved, err) < 0)
		return -1;
	zfs_plan_roll_back(st, volname, snap, saved, NULL, &commands);
	if (run(&commands, err) < 0)
		return -1;
	return zfs_is_subvol(st, volname) ? unmount(dataset, err) : 0;
}

/* New names */

static bool exists(const char *dataset)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice ignored;
	struct error err;

	return zfs_get(dataset, "name", &text, &ignored, &err) == 0;
}

int zfs_make_base(const struct storage *st, const char *volname, const char *new_name,
		  struct notes *notes, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *base = zfs_dataset(st, new_name, NULL);
	auto_free char *snapshot_name = zfs_dataset(st, new_name, "__base__");
	bool renamed = !exists(dataset);

	(void)notes;
	if (renamed && exists(snapshot_name))
		return 0;
	if (!renamed)
		commands_add(&commands, COMMAND_MUST,
			     WORDS("zfs", "rename", dataset, base));
	if (plan_snapshot(st, new_name, "__base__", renamed ? new_name : volname, &commands,
			  err) < 0)
		return -1;
	return run(&commands, err);
}

int zfs_clone(const struct storage *st, const char *volname, const char *snap,
	      const char *new_name, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	uint64_t refquota = 0;

	(void)snap; /* the matrix has clones of base volumes only */
	if (zfs_is_subvol(st, volname) && zfs_size(st, volname, &refquota, err) < 0)
		return -1;
	zfs_plan_clone(st, volname, new_name, refquota, &commands);
	return run(&commands, err);
}

int zfs_rename(const struct storage *st, const char *volname, const char *new_name,
	       struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *from = zfs_dataset(st, volname, NULL);
	auto_free char *to = zfs_dataset(st, new_name, NULL);

	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "rename", from, to));
	return run(&commands, err);
}
