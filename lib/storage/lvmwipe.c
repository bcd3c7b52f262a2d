#include "storage/lvmwipe.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/background.h"
#include "base/lock.h"
#include "base/own.h"
#include "base/path.h"
#include "storage/diskname.h"

#define PREFIX       "del-"
#define MIB          (1024 * 1024)
#define STEP_MIB     32
#define SLOW_STEP    MIB
#define SLOW_DEFAULT "-10485760" /* bytes per second: 10 MiB */

/* ---- plans ---- */

bool lvm_is_condemned(const struct lv *lv)
{
	const char *prefix;
	unsigned vmid;

	return lv_is_plain(lv) && slice_starts(slice(lv->name), PREFIX) &&
	       disk_name_parse(slice_from(slice(lv->name), strlen(PREFIX)), DISK_MARKS_LVM,
			       &prefix, &vmid) &&
	       strcmp(prefix, "vm") == 0;
}

/* An older volume of the same name may still be waiting. */
char *lvm_condemned_name(const struct lv_list *lvs, const char *volname)
{
	auto_free char *name = xasprintf(PREFIX "%s", volname);

	for (unsigned i = 2; lv_find(lvs, name); i++) {
		free(name);
		name = xasprintf(PREFIX "%s.%u", volname, i);
	}
	return take_ptr(&name);
}

const struct lv *lvm_next_condemned(const struct lv_list *lvs, const char *after)
{
	size_t i = 0;

	while (after && i < lvs->count && strcmp(lvs->at[i++].name, after) != 0)
		;
	for (; i < lvs->count; i++)
		if (lvm_is_condemned(&lvs->at[i]))
			return &lvs->at[i];
	return NULL;
}

void lvm_plan_zero(const struct storage *st, bool device_zeros, struct zeroing *out)
{
	const char *step = keyvals_get(&st->props, "saferemove-stepsize");
	const char *speed = keyvals_get(&st->props, "saferemove_throughput");
	uint64_t mib = STEP_MIB;

	*out = (struct zeroing){ .step = SLOW_STEP };
	if (!device_zeros) {
		zeroing_parse_speed(slice(speed ? speed : SLOW_DEFAULT), out);
		return;
	}
	slice_number(slice(step), 1, STEP_MIB, &mib);
	out->step = mib * MIB;
}

/* ---- doing ---- */

int lvm_condemn(const struct storage *st, const struct lv_list *lvs, const char *volname,
		struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };
	auto_free char *name = lvm_condemned_name(lvs, volname);

	commands_add(&commands, COMMAND_MUST, WORDS("lvrename", lvm_vg(st), volname, name));
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

static int run_one(const char *const *words, struct error *err)
{
	auto_commands struct commands commands = { .package = LVM_PACKAGE };

	commands_add(&commands, COMMAND_MUST, words);
	return commands_run(&commands, LVM_TIMEOUT_S, NULL, err);
}

static int wipe_one(const struct storage *st, const char *name, struct error *err)
{
	auto_free char *target = lvm_name(st, name, NULL);
	auto_free char *device = lvm_path(st, slice(name), NULL);
	struct zeroing how;

	if (run_one(WORDS("lvchange", "-aey", target), err) < 0)
		return -1;
	lvm_plan_zero(st, device_can_zero(device), &how);
	if (device_zero(device, &how, err) < 0)
		return -1;
	return run_one(WORDS("lvremove", "-f", target), err);
}

/* There is nobody to tell but the system's log, which a PCT_ROOT does not use. */
static void complain(const struct storage *st, const char *name, const struct error *err)
{
	if (path_root()[0])
		return;
	openlog("pvesm", LOG_PID, LOG_DAEMON);
	syslog(LOG_WARNING, "'%s/%s' of storage '%s' is not removed: %s", lvm_vg(st), name,
	       st->id, err->text);
	closelog();
}

/* One after the other; the list is read anew each time. One that fails is passed over. */
static void wipe_all(const struct storage *st)
{
	auto_free char *failed = NULL;
	struct error err;

	for (;;) {
		auto_lv_list struct lv_list lvs = { 0 };
		const struct lv *lv;

		if (lvm_list(st, &lvs, &err) < 0)
			return;
		lv = lvm_next_condemned(&lvs, failed);
		if (!lv)
			return;
		if (wipe_one(st, lv->name, &err) == 0)
			continue;
		complain(st, lv->name, &err);
		free(failed);
		failed = xstrdup(lv->name);
	}
}

static size_t count_waiting(const struct storage *st)
{
	auto_lv_list struct lv_list lvs = { 0 };
	const struct lv *lv = NULL;
	struct error ignored;
	size_t count = 0;

	if (lvm_list(st, &lvs, &ignored) < 0)
		return 0;
	while ((lv = lvm_next_condemned(&lvs, lv ? lv->name : NULL)) != NULL)
		count++;
	return count;
}

static bool wipe_alone(const struct storage *st)
{
	auto_free char *path = path_in(PATH_STORAGE_LOCK, "pve-wipe-%s", lvm_vg(st));
	auto_lock struct lock lock = { 0 };
	struct error ignored;

	if (lock_try(path, &lock, &ignored) < 0)
		return false;
	wipe_all(st);
	return true;
}

/*
 * Whoever comes while the lock is held leaves its volume to the holder. So the holder
 * looks once more after letting go, until nothing but failures is left.
 */
static void work(void *arg)
{
	const struct storage *st = arg;
	size_t waiting = SIZE_MAX, before;

	do {
		before = waiting;
		if (!wipe_alone(st))
			return;
		waiting = count_waiting(st);
	} while (waiting > 0 && waiting != before);
}

int lvm_wipe_start(const struct storage *st, struct error *err)
{
	struct storage own = *st;

	return path_make(PATH_STORAGE_LOCK, err) < 0 ? -1
						     : background_start(work, &own, err);
}

void lvm_wipe_rest(const struct storage *st, const struct lv_list *lvs)
{
	struct error ignored;

	if (lvm_next_condemned(lvs, NULL))
		lvm_wipe_start(st, &ignored);
}
