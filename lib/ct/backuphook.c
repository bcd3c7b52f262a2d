#include "ct/backuphook.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

#define VARIABLES 6

/* "NAME=value" words, NULL at the end; those without a value are left out. */
struct environment {
	char *words[VARIABLES + 1];
	size_t count;
};

static void environment_done(struct environment *env)
{
	for (size_t i = 0; i < env->count; i++)
		free_ptr(&env->words[i]);
}
#define auto_environment __attribute__((cleanup(environment_done)))

static void add(struct environment *env, const char *name, const char *value)
{
	if (value)
		env->words[env->count++] = xasprintf("%s=%s", name, value);
}

static void add_job(struct environment *env, const struct backup_job *job)
{
	add(env, "STOREID", job->storage);
	add(env, "DUMPDIR", job->dumpdir ? job->dumpdir : job->options->dumpdir);
}

const char *backup_mode_name(enum backup_mode mode)
{
	return mode == BACKUP_STOP ? "stop" : "suspend";
}

int backup_script_check(const struct backup_options *options, struct error *err)
{
	struct stat st;

	if (!options->script)
		return 0;
	if (stat(options->script, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(err, 0, "hook script '%s' does not exist", options->script);
	if (access(options->script, X_OK) < 0)
		return fail(err, 0, "hook script '%s' is not executable", options->script);
	return 0;
}

static int run(const struct backup_job *job, const char *const *argv,
	       const struct environment *env, struct error *err)
{
	int status = backup_run_program(
		&job->log, NULL,
		&(struct process){ .argv = argv, .env = (const char *const *)env->words },
		err);

	if (status > 0)
		return fail(err, 0, "hook script '%s' failed in '%s': exit code %d",
			    argv[0], argv[1], status);
	return status;
}

int backup_job_hook(const struct backup_job *job, const char *phase, struct error *err)
{
	const char *const argv[] = { job->options->script, phase, NULL };
	auto_environment struct environment env = { 0 };

	if (!argv[0])
		return 0;
	add_job(&env, job);
	return run(job, argv, &env, err);
}

static int run_for_guest(const struct backup_guest *guest, const char *phase,
			 struct error *err)
{
	const struct backup_job *job = guest->job;
	auto_free char *id = xasprintf("%u", guest->vmid);
	auto_free char *log = guest->target && job->dumpdir
				      ? xasprintf("%s/%s.log", job->dumpdir, guest->stem)
				      : xstrdup(guest->log_path);
	const char *const argv[] = { job->options->script, phase,
				     backup_mode_name(guest->mode), id, NULL };
	auto_environment struct environment env = { 0 };

	add_job(&env, job);
	add(&env, "VMTYPE", "lxc");
	add(&env, "HOSTNAME", guest->hostname);
	add(&env, "TARGET", guest->target ? guest->target : "-");
	add(&env, "LOGFILE", log);
	return run(job, argv, &env, err);
}

int backup_guest_hook(const struct backup_guest *guest, const char *phase,
		      struct error *err)
{
	bool only_warns =
		strcmp(phase, "backup-abort") == 0 || strcmp(phase, "log-end") == 0;

	if (!guest->job->options->script || run_for_guest(guest, phase, err) == 0)
		return 0;
	if (!only_warns)
		return -1;
	backup_log(&guest->job->log, BACKUP_WARN, "%s", err->text);
	return 0;
}
