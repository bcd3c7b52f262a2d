#include "ct/backupguest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "config/backupname.h"
#include "config/store.h"
#include "ct/backuparchive.h"
#include "ct/backuphook.h"
#include "ct/backuplock.h"
#include "ct/backupmode.h"
#include "ct/backupprune.h"
#include "ct/backuptmp.h"
#include "lxc/command.h"

static void guest_done(struct backup_guest *guest)
{
	free_ptr(&guest->stem);
	free_ptr(&guest->target);
	free_ptr(&guest->part);
	free_ptr(&guest->tmpdir);
	free_ptr(&guest->log_path);
	free_ptr(&guest->hostname);
	free_words(&guest->mount_points);
	free_words(&guest->keys);
	config_free(guest->config);
}
#define auto_guest __attribute__((cleanup(guest_done)))

static void name_target(struct backup_guest *guest, time_t when)
{
	free(guest->stem);
	free(guest->target);
	guest->stem = backup_stem(guest->vmid, when);
	guest->target = xasprintf("%s/%s%s", guest->job->dumpdir, guest->stem,
				  backup_extension(guest->job->options));
}

/*
 * "x.tar.zst" is written as "x.tar.dat", "x.tar" as "x.dat". A clock that was set back, or
 * a backup of the same second, does not cost the archive that is there.
 */
static void name_files(struct backup_guest *guest)
{
	const struct backup_job *job = guest->job;
	time_t when = guest->start;

	guest->stem = backup_stem(guest->vmid, when);
	guest->log_path = path_in(PATH_HOST, "var/log/vzdump/lxc-%u.log", guest->vmid);
	if (!job->dumpdir || job->archive_fd >= 0)
		return;
	do
		name_target(guest, when++);
	while (access(guest->target, F_OK) == 0);
	guest->part =
		xasprintf("%.*s.dat", (int)(strrchr(guest->target, '.') - guest->target),
			  guest->target);
}

static int open_log(struct backup_guest *guest, struct error *err)
{
	int fd = open(guest->log_path,
		      O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		      0644);

	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", guest->log_path);
	guest->job->log.fd = fd;
	return 0;
}

/* Where it is shown and removed together with the archive. */
static void copy_log(const struct backup_guest *guest)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *path = NULL;
	struct error err;

	if (!guest->target)
		return;
	path = xasprintf("%s/%s.log", guest->job->dumpdir, guest->stem);
	if (read_file(AT_FDCWD, guest->log_path, 64 << 20, &text, &err) < 0 ||
	    save_path(path, strbuf_slice(&text), 0644, &err) < 0)
		backup_log_job(&guest->job->log, BACKUP_WARN, "%s", err.text);
}

static void log_start(const struct backup_guest *guest)
{
	const struct backup_log *log = &guest->job->log;
	char now[20];

	backup_time(guest->start, now);
	backup_log(log, BACKUP_INFO, "Starting Backup of VM %u (lxc)", guest->vmid);
	backup_log_job(log, BACKUP_INFO, "Backup started at %s", now);
	backup_log(log, BACKUP_INFO, "status = %s",
		   lxc_is_running(guest->vmid) ? "running" : "stopped");
}

static int add_notes(const struct backup_guest *guest, struct error *err)
{
	const struct backup_subject subject = { .guestname = guest->hostname,
						.node = path_node(),
						.vmid = guest->vmid };
	auto_free char *path = xasprintf("%s.notes", guest->target);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	backup_log(&guest->job->log, BACKUP_INFO, "adding notes to backup");
	if (backup_notes(slice(guest->job->options->notes), &subject, &text, err) < 0)
		return -1;
	return save_path(path, strbuf_slice(&text), 0644, err);
}

static int protect(const struct backup_guest *guest, struct error *err)
{
	auto_free char *path = xasprintf("%s.protected", guest->target);

	backup_log(&guest->job->log, BACKUP_INFO, "marking backup as protected");
	return save_path(path, slice(""), 0644, err);
}

/* What becomes of an archive that is there. */
static int finish_archive(const struct backup_guest *guest, struct error *err)
{
	const struct backup_options *options = guest->job->options;

	if (!guest->target)
		return 0;
	if (options->notes && options->notes[0] && add_notes(guest, err) < 0)
		backup_log(&guest->job->log, BACKUP_WARN, "unable to add notes - %s",
			   err->text);
	if (options->protect > 0 && protect(guest, err) < 0)
		return -1;
	return backup_prune(guest->job, guest->vmid, err);
}

static int back_up(struct backup_guest *guest, struct error *err)
{
	if (!config_exists(guest->vmid))
		return fail(err, 0, "unable to find VM '%u'", guest->vmid);
	if (backup_check_limit(guest->job, guest->vmid, err) < 0)
		return -1;
	log_start(guest);
	if (backup_interrupted(err) < 0 || backup_lock(guest, err) < 0 ||
	    backup_tmp_make(guest, err) < 0 || backup_mode_begin(guest, err) < 0 ||
	    backup_interrupted(err) < 0 || backup_archive(guest, err) < 0 ||
	    finish_archive(guest, err) < 0)
		return -1;
	return backup_guest_hook(guest, "backup-end", err);
}

/* All of it is tried; what fails is told, and the first failure is the guest's. */
static int clean_up(struct backup_guest *guest, int status, struct error *err)
{
	const struct backup_log *log = &guest->job->log;
	struct error own;

	if (backup_unlock(guest, &own) < 0)
		backup_log(log, BACKUP_ERROR, "%s", own.text);
	if (backup_mode_end(guest, &own) < 0) {
		if (status == 0)
			*err = own;
		else
			backup_log(log, BACKUP_ERROR, "%s", own.text);
		status = -1;
	}
	if (guest->part && remove_file(guest->part, &own) < 0)
		backup_log(log, BACKUP_WARN, "%s", own.text);
	if (guest->tmpdir && tree_remove(AT_FDCWD, guest->tmpdir, &own) < 0)
		backup_log(log, BACKUP_WARN, "%s", own.text);
	if (guest->config && !guest->is_down)
		backup_unnote(guest);
	return status;
}

static void log_result(const struct backup_guest *guest, int status,
		       const struct error *err)
{
	const struct backup_log *log = &guest->job->log;
	auto_strbuf struct strbuf took = STRBUF_INIT;
	char now[20];

	backup_time(time(NULL), now);
	backup_duration((clock_ms() - guest->start_ms) / 1000, &took);
	if (status == 0) {
		backup_log(log, BACKUP_INFO, "Finished Backup of VM %u (%s)", guest->vmid,
			   took.at);
		backup_log_job(log, BACKUP_INFO, "Backup finished at %s", now);
	} else {
		backup_log(log, BACKUP_ERROR, "Backup of VM %u failed - %s", guest->vmid,
			   err->text);
		backup_log_job(log, BACKUP_INFO, "Failed at %s", now);
	}
}

int backup_guest_run(struct backup_job *job, unsigned vmid, struct error *err)
{
	auto_guest struct backup_guest guest = {
		.job = job, .vmid = vmid, .start = time(NULL), .start_ms = clock_ms()
	};
	struct error ignored;
	int status;

	name_files(&guest);
	status = open_log(&guest, err);
	if (status == 0)
		status = back_up(&guest, err);
	interrupt_defer();
	status = clean_up(&guest, status, err);
	interrupt_resume();
	log_result(&guest, status, err);
	if (status < 0)
		backup_guest_hook(&guest, "backup-abort", &ignored);
	copy_log(&guest);
	backup_guest_hook(&guest, "log-end", &ignored);
	close_fd(&job->log.fd);
	return status;
}
