#include "config/backup.h"

#include <limits.h>
#include <stddef.h>

#include "config/backupkeep.h"
#include "config/backupname.h"
#include "config/format.h"
#include "config/store.h"

static const char *const modes[] = { "snapshot", "suspend", "stop", NULL };
static const char *const compressions[] = { "0", "1", "gzip", "lzo", "zstd", NULL };
static const char *const mail_occasions[] = { "always", "failure", NULL };
static const char *const notification_modes[] = { "auto", "legacy-sendmail",
						  "notification-system", NULL };
static const char *const pbs_modes[] = { "legacy", "data", "metadata", NULL };

static bool check_path(struct slice value, struct strbuf *reason)
{
	if (slice_starts(value, "/"))
		return true;
	strbuf_adds(reason, "value is not an absolute path");
	return false;
}

static bool check_notes(struct slice value, struct strbuf *reason)
{
	const struct backup_subject nobody = { .guestname = "", .node = "" };
	auto_strbuf struct strbuf ignored = STRBUF_INIT;
	struct error err;

	if (backup_notes(value, &nobody, &ignored, &err) == 0)
		return true;
	strbuf_adds(reason, err.text);
	return false;
}

static const struct prop_format path_format = { "path", check_path };
static const struct prop_format notes_format = { "notes-template", check_notes };

const struct prop backup_props[] = {
	{ "all", PROP_BOOL, AT(backup_options, all), "Back up all containers of this host.",
	  .fallback = "0" },
	{ "bwlimit", PROP_INT, AT(backup_options, bwlimit),
	  "Limit the archive's stream, and the copy of the suspend mode, to so many KiB/s; "
	  "0 is no limit.",
	  .max = INT_MAX, .fallback = "0" },
	{ "compress", PROP_ENUM, AT(backup_options, compress),
	  "Compress the archive; 1 is lzo.", .choices = compressions, .fallback = "0" },
	{ "dumpdir", PROP_TEXT, AT(backup_options, dumpdir),
	  "Store archives in this directory instead of a storage.", .type_text = "<path>",
	  .format = &path_format },
	{ "exclude", PROP_TEXT, AT(backup_options, exclude),
	  "Leave these containers out; implies all unless a pool is given.",
	  .type_text = "<list of VMIDs>", .format = &format_vmid, .flags = PROP_LIST,
	  .offers = OFFER_GUEST },
	{ "exclude-path", PROP_TEXT, AT(backup_options, exclude_path),
	  "Leave out what matches this pattern; may be given several times. A pattern that "
	  "starts with a slash is compared with the whole path, another one with the path "
	  "from any of its parts on.",
	  .type_text = "<pattern>", .flags = PROP_REPEAT },
	{ "fleecing", PROP_TEXT, AT(backup_options, fleecing),
	  .help = "For virtual machines only; without effect." },
	{ "ionice", PROP_INT, AT(backup_options, ionice),
	  "I/O priority of the whole job, 0 the highest; 8 is the idle class.", .min = 0,
	  .max = 8, .fallback = "7" },
	{ "job-id", PROP_TEXT, AT(backup_options, job_id),
	  "Name of the job in other tools; without effect.", .max = 256 },
	{ "lockwait", PROP_INT, AT(backup_options, lockwait),
	  "Wait so many minutes for another job's end; 0 does not wait.", .max = 525600,
	  .min = 0, .fallback = "180" },
	{ "mailnotification", PROP_ENUM, AT(backup_options, mailnotification),
	  "When to send a mail.", .choices = mail_occasions, .fallback = "always" },
	{ "mailto", PROP_TEXT, AT(backup_options, mailto),
	  "Send the job's log to these addresses, by sendmail.", .flags = PROP_LIST },
	{ "mode", PROP_ENUM, AT(backup_options, mode),
	  "How a running container is brought into a state that can be archived.",
	  .choices = modes, .fallback = "snapshot" },
	{ "node", PROP_TEXT, AT(backup_options, node),
	  "Do nothing unless this is the host.", .format = &format_dns_name },
	{ "notes-template", PROP_TEXT, AT(backup_options, notes),
	  "Notes of the backup, in one line; \\n is a line break. {{guestname}}, {{vmid}}, "
	  "{{node}} and {{cluster}} are replaced.",
	  .max = 1024, .format = &notes_format, .requires = "storage" },
	{ "notification-mode", PROP_ENUM, AT(backup_options, notification_mode),
	  "How to notify; mail is the only way here.", .choices = notification_modes,
	  .fallback = "auto" },
	{ "pbs-change-detection-mode", PROP_ENUM, AT(backup_options, pbs_mode),
	  "For backup servers only; without effect.", .choices = pbs_modes },
	{ "performance", PROP_TEXT, AT(backup_options, performance),
	  .help = "For virtual machines only; without effect." },
	{ "pigz", PROP_INT, AT(backup_options, pigz),
	  "With gzip: use pigz with N threads; 1 stands for half of the processors.",
	  .max = 4096, .min = 0, .fallback = "0" },
	{ "pool", PROP_TEXT, AT(backup_options, pool),
	  .help = "Back up the members of a pool; a host alone has none." },
	{ "protected", PROP_BOOL, AT(backup_options, protect),
	  "Mark the backup so that nothing removes it.", .fallback = "0",
	  .requires = "storage" },
	{ "prune-backups", PROP_GROUP, AT(backup_options, prune),
	  "Which backups to keep; the others are removed after each success.",
	  .members = retention_props },
	{ "quiet", PROP_BOOL, AT(backup_options, quiet), "Print no log.", .fallback = "0" },
	{ "remove", PROP_BOOL, AT(backup_options, remove),
	  "Remove older backups after each success, as prune-backups says.",
	  .fallback = "1" },
	{ "script", PROP_TEXT, AT(backup_options, script),
	  "Hook script, called at each phase of the job.", .type_text = "<path>",
	  .format = &path_format },
	{ "stdexcludes", PROP_BOOL, AT(backup_options, stdexcludes),
	  "Leave out the content of /tmp and /var/tmp, and /var/run/*.pid.",
	  .fallback = "1" },
	{ "stdout", PROP_BOOL, AT(backup_options, to_stdout),
	  "Write the archive of one container to standard output.", .fallback = "0" },
	{ "stop", PROP_BOOL, AT(backup_options, stop), "Stop the job that is running.",
	  .fallback = "0" },
	{ "stopwait", PROP_INT, AT(backup_options, stopwait),
	  "Minutes that a container may take to shut down in stop mode.", .max = 525600,
	  .min = 0, .fallback = "10" },
	{ "storage", PROP_TEXT, AT(backup_options, storage),
	  "Store archives on this storage; local unless there is a dumpdir.",
	  .type_text = "<storage ID>", .format = &format_storage_id,
	  .offers = OFFER_STORAGE },
	{ "tmpdir", PROP_TEXT, AT(backup_options, tmpdir), "Directory of temporary files.",
	  .type_text = "<path>", .format = &path_format },
	{ "zstd", PROP_INT, AT(backup_options, zstd),
	  "Threads of zstd; 0 stands for half of the processors.", .max = 4096, .min = 0,
	  .fallback = "1" },
	{ 0 }
};

void backup_options_done(struct backup_options *options)
{
	view_done(backup_props, options);
}

int backup_options_check(const struct backup_options *options, struct error *err)
{
	if (options->storage && options->dumpdir)
		return fail(err, 0,
			    "cannot use options 'storage' and 'dumpdir' at the same "
			    "time");
	if (options->storage && options->to_stdout > 0)
		return fail(err, 0,
			    "cannot use options 'storage' and 'stdout' at the same "
			    "time");
	if (options->pool)
		return fail(err, 0, "pool '%s' does not exist", options->pool);
	return 0;
}
