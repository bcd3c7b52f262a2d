#include "ct/backupmode.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/own.h"
#include "config/volid.h"
#include "ct/backuparchive.h"
#include "ct/backupcopy.h"
#include "ct/backuphook.h"
#include "ct/backuplock.h"
#include "ct/backuprun.h"
#include "ct/guard.h"
#include "ct/quiesce.h"
#include "lxc/command.h"

static void add_word(char ***words, char *text)
{
	size_t count = 0;

	while (*words && (*words)[count])
		count++;
	*words = xreallocarray(*words, count + 2, sizeof(**words));
	(*words)[count] = text;
	(*words)[count + 1] = NULL;
}

static const char *kind_name(const char *volume)
{
	switch (volume_kind(slice(volume))) {
	case VOLUME_DEVICE: return "device";
	case VOLUME_BIND: return "bind";
	case VOLUME_STORAGE: break;
	}
	return "volume";
}

/* Why a mount point is left out; NULL: it is in the backup. */
static const char *left_out(const char *key, const struct mountpoint *mp)
{
	if (strcmp(key, "rootfs") == 0)
		return NULL;
	if (volume_kind(slice(mp->volume)) != VOLUME_STORAGE)
		return "not a volume";
	return mp->backup > 0 ? NULL : "disabled";
}

static void take_volume(struct backup_guest *guest, const char *key)
{
	const struct backup_log *log = &guest->job->log;
	auto_mountpoint struct mountpoint mp = { 0 };
	const char *path, *reason;
	struct error err;

	if (config_mountpoint(guest->config, key, &mp, &err) < 0) {
		backup_log(log, BACKUP_WARN, "%s is not in the backup: %s", key, err.text);
		return;
	}
	path = mp.mp ? mp.mp : "/";
	reason = left_out(key, &mp);
	if (reason) {
		backup_log(log, BACKUP_INFO,
			   "excluding %s mount point %s ('%s') from backup (%s)",
			   kind_name(mp.volume), key, path, reason);
		return;
	}
	backup_log(log, BACKUP_INFO, "including mount point %s ('%s') in backup", key,
		   path);
	add_word(&guest->keys, xstrdup(key));
	if (mp.mp)
		add_word(&guest->mount_points, xstrdup(mp.mp + strspn(mp.mp, "/")));
}

/* What is in the backup. May be done twice, as the mode may turn out not to be possible. */
static int prepare(struct backup_guest *guest, struct error *err)
{
	auto_free const char **keys = config_volume_keys(guest->config);
	const char *hostname = config_get(guest->config, "hostname");

	free_words(&guest->keys);
	free_words(&guest->mount_points);
	free_ptr(&guest->hostname);
	guest->hostname = config_hostname(guest->config);
	if (hostname)
		backup_log(&guest->job->log, BACKUP_INFO, "CT Name: %s", hostname);
	for (size_t i = 0; keys[i]; i++)
		take_volume(guest, keys[i]);
	if (!guest->keys || strcmp(guest->keys[0], "rootfs") != 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	return config_idmap(guest->config, &guest->map, err);
}

static int choose_mode(struct backup_guest *guest, struct error *err)
{
	const struct backup_options *options = guest->job->options;
	const struct backup_log *log = &guest->job->log;

	guest->mode = BACKUP_STOP;
	if (!lxc_is_running(guest->vmid) || strcmp(options->mode, "stop") == 0)
		return 0;
	guest->mode = BACKUP_SUSPEND;
	if (strcmp(options->mode, "suspend") == 0)
		return 0;
	if (prepare(guest, err) < 0)
		return -1;
	backup_log(log, BACKUP_INFO,
		   "mode failure - some volumes do not support snapshots");
	backup_log(log, BACKUP_INFO, "trying 'suspend' mode instead");
	return 0;
}

static void log_mode(const struct backup_guest *guest)
{
	const struct backup_options *options = guest->job->options;
	const struct backup_log *log = &guest->job->log;

	backup_log(log, BACKUP_INFO, "backup mode: %s", backup_mode_name(guest->mode));
	if (options->bwlimit > 0)
		backup_log(log, BACKUP_INFO, "bandwidth limit: %lld KiB/s",
			   options->bwlimit);
	backup_log(log, BACKUP_INFO, "ionice priority: %lld", options->ionice);
}

static void log_online(const struct backup_guest *guest)
{
	int64_t seconds = (clock_ms() - guest->down_ms) / 1000;

	if (seconds < 1)
		backup_log(&guest->job->log, BACKUP_INFO,
			   "guest is online again after <1 seconds");
	else
		backup_log(&guest->job->log, BACKUP_INFO,
			   "guest is online again after %lld seconds", (long long)seconds);
}

static int begin_stop(struct backup_guest *guest, struct error *err)
{
	if (!lxc_is_running(guest->vmid))
		return ct_wait_gone(guest->vmid, 60, err);
	backup_log(&guest->job->log, BACKUP_INFO, "stopping virtual guest");
	if (backup_guest_hook(guest, "pre-stop", err) < 0)
		return -1;
	guest->down_ms = clock_ms();
	guest->is_down = true;
	if (backup_note(guest, err) < 0)
		return -1;
	return backup_shut_down(guest->job, guest->config, err);
}

/* While it is frozen; whatever happens it is thawed. */
static int copy_frozen(struct backup_guest *guest, struct error *err)
{
	auto_quiet struct quiet quiet = QUIET_INIT;
	const struct backup_log *log = &guest->job->log;

	guest->down_ms = clock_ms();
	guest->was_frozen = true;
	if (quiet_begin(guest->vmid, &quiet, err) < 0 ||
	    backup_copy(guest, BACKUP_FINAL, err) < 0)
		return -1;
	backup_log(log, BACKUP_INFO, "resuming guest");
	if (backup_guest_hook(guest, "pre-restart", err) < 0)
		return -1;
	return quiet_end(&quiet, err);
}

static int begin_suspend(struct backup_guest *guest, struct error *err)
{
	auto_free char *copy = xasprintf("%s/copy", guest->tmpdir);

	if (backup_program_check("rsync", "rsync", err) < 0)
		return -1;
	if (mkdir(copy, 0700) < 0)
		return fail(err, errno, "cannot create directory '%s'", copy);
	if (backup_copy(guest, BACKUP_FIRST, err) < 0)
		return -1;
	backup_log(&guest->job->log, BACKUP_INFO, "suspending guest");
	if (backup_guest_hook(guest, "pre-stop", err) < 0 || copy_frozen(guest, err) < 0)
		return -1;
	guest->was_frozen = false;
	if (backup_guest_hook(guest, "post-restart", err) < 0)
		return -1;
	log_online(guest);
	return 0;
}

int backup_mode_begin(struct backup_guest *guest, struct error *err)
{
	if (choose_mode(guest, err) < 0)
		return -1;
	log_mode(guest);
	if (prepare(guest, err) < 0 || backup_guest_hook(guest, "backup-start", err) < 0)
		return -1;
	return guest->mode == BACKUP_STOP ? begin_stop(guest, err)
					  : begin_suspend(guest, err);
}

static int restart(struct backup_guest *guest, struct error *err)
{
	if (backup_start(guest->job, guest->vmid, err) < 0)
		return fail_prefix(err, "cannot start the container again: ");
	guest->is_down = false;
	return 0;
}

int backup_mode_end(struct backup_guest *guest, struct error *err)
{
	struct error own;
	int status;

	if (!guest->is_down && !guest->was_frozen)
		return 0;
	status = backup_guest_hook(guest, "pre-restart", err);
	if (guest->is_down && restart(guest, status < 0 ? &own : err) < 0)
		return -1;
	guest->was_frozen = false;
	if (backup_guest_hook(guest, "post-restart", status < 0 ? &own : err) < 0)
		status = -1;
	log_online(guest);
	return status;
}
