#include "ct/backuprun.h"

#include "base/lock.h"
#include "ct/backuppriority.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/stop.h"
#include "lxc/command.h"

/* The config lock is held as a shutdown holds it. */
int backup_shut_down(const struct backup_job *job, const struct config *config,
		     struct error *err)
{
	long long minutes = job->options->stopwait;
	auto_lock struct lock lock = { 0 };
	struct error own;

	if (lock_config(config->vmid, 10, &lock, err) < 0)
		return -1;
	if (ct_hookscript(config, "pre-stop", &own) < 0)
		backup_log(&job->log, BACKUP_WARN, "%s", own.text);
	return stop_gracefully(config, minutes > 0 ? (unsigned)minutes * 60 : 1, false,
			       err);
}

/* The container lives on after the job, with a priority of its own. */
int backup_start(const struct backup_job *job, unsigned vmid, struct error *err)
{
	struct error own;
	int status;

	if (lxc_is_running(vmid))
		return 0;
	backup_priority_reset();
	status = ct_start(vmid, 0, err);
	if (backup_priority_set(job->options, &own) < 0)
		backup_log(&job->log, BACKUP_WARN, "%s", own.text);
	return status;
}
