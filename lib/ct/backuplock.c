#include "ct/backuplock.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "config/store.h"
#include "ct/backuprun.h"
#include "ct/guard.h"
#include "lxc/command.h"
#include "lxc/freeze.h"

#define NOTE_MAX 16384
#define RESTART  "restart"

static char *note_path(unsigned vmid)
{
	return path_in(PATH_RUN, "ct-%u.backup", vmid);
}

int backup_note(const struct backup_guest *guest, struct error *err)
{
	auto_free char *path = note_path(guest->vmid);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (guest->tmpdir)
		strbuf_addf(&text, "%s\n", guest->tmpdir);
	if (guest->part)
		strbuf_addf(&text, "%s\n", guest->part);
	if (guest->is_down)
		strbuf_adds(&text, RESTART "\n");
	return path_make(PATH_RUN, err) < 0
		       ? -1
		       : save_path(path, strbuf_slice(&text), 0600, err);
}

void backup_unnote(const struct backup_guest *guest)
{
	auto_free char *path = note_path(guest->vmid);
	struct error err;

	if (remove_file(path, &err) < 0)
		backup_log(&guest->job->log, BACKUP_WARN, "%s", err.text);
}

/* The note's files go; true: the container was stopped. */
static bool remove_noted(const struct backup_guest *guest)
{
	auto_free char *path = note_path(guest->vmid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	bool was_running = false;
	struct error err;

	if (read_file(AT_FDCWD, path, NOTE_MAX, &text, &err) < 0)
		return false;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		auto_free char *file = slice_dup(line);

		if (strcmp(file, RESTART) == 0)
			was_running = true;
		else if (file[0] == '/' && tree_remove(AT_FDCWD, file, &err) < 0)
			backup_log(&guest->job->log, BACKUP_WARN, "%s", err.text);
	}
	return was_running;
}

/*
 * Nobody else backs up now: whoever left a note or set this lock was killed. Without the
 * lock somebody has taken care of the container already.
 */
static int put_back(const struct backup_guest *guest, struct config *config, bool *restart,
		    struct error *err)
{
	const char *lock = config_get(config, "lock");
	bool was_running = remove_noted(guest);

	if (!lock || strcmp(lock, "backup") != 0)
		return 0;
	backup_log(&guest->job->log, BACKUP_WARN,
		   "removing the lock of a backup that was killed");
	if (lxc_thaw(guest->vmid, err) < 0)
		return -1;
	*restart = was_running;
	config_unset(config, "lock");
	return config_save(config, err);
}

/* One try under the config lock; restart: nothing is locked, it has to be started first. */
static int lock_once(struct backup_guest *guest, bool *restart, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL, *marked = NULL;

	*restart = false;
	if (lock_config(guest->vmid, 10, &lock, err) < 0 ||
	    ct_load(guest->vmid, &config, err) < 0 ||
	    put_back(guest, config, restart, err) < 0)
		return -1;
	if (*restart)
		return 0;
	if (ct_check_lock(config, NULL, err) < 0)
		return -1;
	marked = config_copy(config);
	config_set(marked, "lock", "backup");
	if (config_save(marked, err) < 0)
		return -1;
	guest->has_lock = true;
	guest->config = take_ptr(&config);
	return 0;
}

/*
 * The killed backup was about to stop the container, or had done so. Whether it has got
 * the word cannot be seen: what was begun is brought to its end.
 */
static int run_again(const struct backup_guest *guest, struct error *err)
{
	auto_config struct config *config = NULL;
	struct error own;

	if (ct_load(guest->vmid, &config, err) < 0)
		return -1;
	if (lxc_is_running(guest->vmid) && backup_shut_down(guest->job, config, &own) < 0)
		backup_log(&guest->job->log, BACKUP_WARN, "%s", own.text);
	if (backup_start(guest->job, guest->vmid, err) < 0)
		return fail_prefix(err, "cannot start the container that a killed backup "
					"has stopped: ");
	backup_unnote(guest);
	return 0;
}

int backup_lock(struct backup_guest *guest, struct error *err)
{
	bool restart;

	if (lock_once(guest, &restart, err) < 0)
		return -1;
	if (!restart)
		return 0;
	return run_again(guest, err) < 0 ? -1 : lock_once(guest, &restart, err);
}

int backup_unlock(struct backup_guest *guest, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	const char *now;

	if (!guest->has_lock)
		return 0;
	if (lock_config(guest->vmid, 10, &lock, err) < 0 ||
	    ct_load(guest->vmid, &config, err) < 0)
		return -1;
	guest->has_lock = false;
	now = config_get(config, "lock");
	if (!now || strcmp(now, "backup") != 0)
		return 0;
	config_unset(config, "lock");
	return config_save(config, err);
}
