#include "ct/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/own.h"
#include "base/path.h"
#include "ct/backuparchive.h"
#include "ct/backupguest.h"
#include "ct/backuphook.h"
#include "ct/backupmail.h"
#include "ct/backuppid.h"
#include "ct/backuppriority.h"

#define CONF_MAX (1024 * 1024)
#define WAIT_MS  500

static const char *const standard_patterns[] = { "/tmp/?*", "/var/tmp/?*",
						 "/var/run/?*.pid" };

static void job_done(struct backup_job *job)
{
	storages_done(&job->storages);
	free_ptr(&job->dumpdir);
	free_words(&job->patterns);
	close_fd(&job->archive_fd);
	close_fd(&job->log.fd);
	close_fd(&job->log.copy);
}
#define auto_job __attribute__((cleanup(job_done)))

int ct_backup_conf(struct strbuf *out, struct error *err)
{
	auto_free char *path = path_in(PATH_HOST, "etc/vzdump.conf");

	return path_exists(path) ? read_file(AT_FDCWD, path, CONF_MAX, out, err) : 0;
}

static char **make_patterns(const struct backup_options *options)
{
	struct slice rest = slice(options->exclude_path), line, all = rest;
	size_t count = 0, at = 0;
	char **patterns;

	while (slice_line(&all, &line))
		count++;
	patterns = xcalloc(count + sizeof(standard_patterns) / sizeof(*patterns) + 1,
			   sizeof(*patterns));
	while (slice_line(&rest, &line))
		if (line.len)
			patterns[at++] = slice_dup(line);
	for (size_t i = 0;
	     options->stdexcludes != 0 && i < sizeof(standard_patterns) / sizeof(*patterns);
	     i++)
		patterns[at++] = xstrdup(standard_patterns[i]);
	return patterns;
}

static int check_directory(const char *option, const char *path, struct error *err)
{
	struct stat st;

	if (!path || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return fail(err, 0, "%s '%s' does not exist", option, path);
}

/* The directory of the storage's backups. */
static int use_storage(struct backup_job *job, const char *id, struct error *err)
{
	auto_free char *volid = xasprintf("%s:backup/vzdump.tar", id), *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (storage_use(&job->storages, slice(id), CONTENT_BACKUP, &job->st, err) < 0 ||
	    volume_resolve(&job->storages, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	*strrchr(path, '/') = '\0';
	job->dumpdir = take_ptr(&path);
	return 0;
}

/* NULL: a plain directory, or stdout. */
static const char *storage_name(const struct backup_options *options)
{
	if (options->dumpdir || options->to_stdout > 0)
		return NULL;
	return options->storage ? options->storage : "local";
}

static int choose_target(struct backup_job *job, struct error *err)
{
	const struct backup_options *options = job->options;
	auto_notes struct notes notes = { 0 };

	storages_load(&job->storages, &notes);
	for (size_t i = 0; i < notes.count; i++)
		backup_log(&job->log, BACKUP_WARN, "%s", notes.text[i]);
	if (options->dumpdir)
		job->dumpdir = xstrdup(options->dumpdir);
	else if (job->storage)
		return use_storage(job, job->storage, err);
	return check_directory("dumpdir", job->dumpdir, err);
}

/* The command line's, the storage's, the file's, or everything is kept. */
static int choose_retention(struct backup_job *job, const char *conf_prune,
			    struct error *err)
{
	const char *of_storage =
		job->st ? keyvals_get(&job->st->props, "prune-backups") : NULL;
	const char *text = job->options->prune ? job->options->prune
			   : of_storage        ? of_storage
			   : conf_prune        ? conf_prune
					       : "keep-all=1";

	return retention_parse(slice(text), &job->keep, err) < 0
		       ? fail_in(err, "prune-backups")
		       : 0;
}

static int prepare(struct backup_job *job, const char *conf_prune, struct error *err)
{
	auto_free char *logs = path_in(PATH_HOST, "var/log/vzdump");
	auto_free char *run = path_in(PATH_HOST, "var/run");

	if (backup_compressor_check(job->options, err) < 0 ||
	    backup_script_check(job->options, err) < 0 || make_dirs(logs, 0755, err) < 0 ||
	    make_dirs(run, 0755, err) < 0)
		return -1;
	job->patterns = make_patterns(job->options);
	job->storage = storage_name(job->options);
	if (backup_job_hook(job, "job-init", err) < 0 || choose_target(job, err) < 0 ||
	    check_directory("tmpdir", job->options->tmpdir, err) < 0)
		return -1;
	return choose_retention(job, conf_prune, err);
}

/* Of all jobs of this host one runs at a time. */
static int wait_for_lock(const struct backup_job *job, const char *path, struct lock *lock,
			 struct error *err)
{
	int64_t end = clock_ms() + (int64_t)job->options->lockwait * 60000;

	backup_log(&job->log, BACKUP_INFO, "trying to get global lock - waiting...");
	do {
		clock_pause(WAIT_MS);
		if (backup_interrupted(err) < 0)
			return -1;
		if (lock_try(path, lock, err) == 0) {
			backup_log(&job->log, BACKUP_INFO, "got global lock");
			return 0;
		}
	} while (err->code == EWOULDBLOCK && clock_ms() < end);
	return fail(err, 0, "can't acquire lock '%s' - got timeout", path);
}

static int take_lock(const struct backup_job *job, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_HOST, "var/run/vzdump.lock");

	if (lock_try(path, lock, err) == 0)
		return 0;
	if (err->code != EWOULDBLOCK || job->options->lockwait == 0)
		return -1;
	return wait_for_lock(job, path, lock, err);
}

static int run_guests(struct backup_job *job, const struct backup_request *request,
		      unsigned *failed, struct error *err)
{
	struct error own;

	if (backup_job_hook(job, "job-start", err) < 0)
		return -1;
	for (size_t i = 0; i < request->count; i++) {
		if (backup_guest_run(job, request->ids[i], &own) < 0)
			++*failed;
		if (backup_interrupted(err) < 0)
			return -1;
	}
	return backup_job_hook(job, "job-end", err);
}

/* 0; 1: a guest failed, which its log tells; -1: the job failed. */
static int run_locked(struct backup_job *job, const struct backup_request *request,
		      struct error *err)
{
	auto_strbuf struct strbuf command = STRBUF_INIT;
	unsigned failed = 0;
	struct error ignored;

	if (backup_pid_write(err) < 0 || backup_priority_set(job->options, err) < 0)
		return -1;
	backup_command_line(request->ids, request->is_all ? 0 : request->count,
			    request->given, &command);
	backup_log(&job->log, BACKUP_INFO, "starting new backup job: %s", command.at);
	if (run_guests(job, request, &failed, err) < 0) {
		interrupt_defer();
		backup_job_hook(job, "job-abort", &ignored);
		interrupt_resume();
		return -1;
	}
	if (failed) {
		backup_log(&job->log, BACKUP_INFO, "Backup job finished with errors");
		return 1;
	}
	backup_log(&job->log, BACKUP_INFO, "Backup job finished successfully");
	backup_pid_remove();
	return 0;
}

/* What any part of the job prints must not land in the archive. */
static int divert_stdout(struct backup_job *job, struct error *err)
{
	if (job->options->to_stdout <= 0)
		return 0;
	job->archive_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (job->archive_fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return fail(err, errno, "cannot use standard output");
	return 0;
}

int ct_backup(const struct backup_request *request, struct error *err)
{
	auto_job struct backup_job job = {
		.options = request->options,
		.archive_fd = -1,
		.log = { .fd = -1, .copy = -1, .quiet = request->options->quiet > 0 }
	};
	auto_lock struct lock lock = { 0 };
	int status;

	if (divert_stdout(&job, err) < 0 || backup_mail_begin(&job, err) < 0)
		return -1;
	status = prepare(&job, request->conf_prune, err);
	if (status == 0)
		status = take_lock(&job, &lock, err);
	if (status == 0)
		status = run_locked(&job, request, err);
	if (status < 0)
		backup_log(&job.log, BACKUP_ERROR, "Backup job failed - %s", err->text);
	backup_mail_send(&job, status == 0);
	return status > 0 ? fail(err, 0, "job errors") : status;
}
