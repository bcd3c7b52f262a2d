#include "ct/backupprune.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "config/backupname.h"
#include "ct/backuplist.h"

static bool is_of_container(const struct backup_entry *entry)
{
	return entry->type && strcmp(entry->type, "lxc") == 0;
}

/* Those of virtual machines and of older containers are not ours to count. */
static void keep_own(struct backup_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (is_of_container(&list->at[i]))
			list->at[kept++] = list->at[i];
		else
			free(list->at[i].volid);
	}
	list->count = kept;
}

static int list_own(const struct backup_job *job, unsigned vmid, struct backup_list *out,
		    struct error *err)
{
	int status = job->st ? backup_list_storage(&job->storages, job->st, vmid, out, err)
			     : backup_list_directory(job->dumpdir, vmid, out, err);

	keep_own(out);
	return status;
}

static unsigned long long count_marked(const struct backup_list *list,
				       enum backup_mark mark)
{
	unsigned long long count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += list->at[i].mark == mark;
	return count;
}

/* -1: no limit, which is what root has unless the storage says another one. */
static long long protected_limit(const struct storage *st)
{
	const char *text = st ? keyvals_get(&st->props, "max-protected-backups") : NULL;

	return text ? strtoll(text, NULL, 10) : -1;
}

int backup_check_limit(const struct backup_job *job, unsigned vmid, struct error *err)
{
	auto_backup_list struct backup_list list = { 0 };
	bool protect = job->options->protect > 0;
	unsigned long long limit = retention_limit(&job->keep);

	if (!job->dumpdir ||
	    (!protect && (job->options->remove != 0 || retention_keeps_all(&job->keep))))
		return 0;
	if (list_own(job, vmid, &list, err) < 0)
		return -1;
	if (protect) {
		long long most = protected_limit(job->st);

		if (most >= 0 &&
		    count_marked(&list, BACKUP_PROTECTED) >= (unsigned long long)most)
			return fail(err, 0,
				    "the number of protected backups per guest is limited "
				    "to %lld on storage '%s'",
				    most, job->st->id);
		return 0;
	}
	if (count_marked(&list, BACKUP_UNMARKED) >= limit)
		return fail(err, 0,
			    "There is a max backup limit of %llu enforced by the target "
			    "storage or the vzdump parameters. Either increase the limit "
			    "or delete old backup(s).",
			    limit);
	return 0;
}

/* The archive first: what belongs to it says nothing without it. */
static int remove_files(const char *path, struct error *err)
{
	const char *file = strrchr(path, '/') + 1;
	struct backup_name name = { 0 };
	auto_free char *notes = xasprintf("%s.notes", path);
	auto_free char *log = NULL;

	backup_name_parse(slice(file), &name);
	log = xasprintf("%.*s.log", (int)((size_t)(file - path) + name.stem), path);
	return remove_file(path, err) < 0 || remove_file(log, err) < 0 ||
			       remove_file(notes, err) < 0
		       ? -1
		       : 0;
}

static int remove_backup(const struct backup_job *job, const char *volid, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status;

	backup_log(&job->log, BACKUP_INFO,
		   job->st ? "removing backup '%s'" : "delete old backup '%s'", volid);
	if (!job->st)
		return remove_files(volid, err);
	status = volume_free(&job->storages, slice(volid), &notes, err);
	for (size_t i = 0; i < notes.count; i++)
		backup_log(&job->log, BACKUP_WARN, "%s", notes.text[i]);
	return status;
}

static unsigned remove_marked(const struct backup_job *job, const struct backup_list *list,
			      unsigned *failed)
{
	unsigned removed = 0;
	struct error err;

	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].mark != BACKUP_REMOVE)
			continue;
		if (remove_backup(job, list->at[i].volid, &err) == 0) {
			removed++;
			continue;
		}
		backup_log(&job->log, BACKUP_ERROR, "%s", err.text);
		(*failed)++;
	}
	return removed;
}

int backup_prune(const struct backup_job *job, unsigned vmid, struct error *err)
{
	auto_backup_list struct backup_list list = { 0 };
	auto_strbuf struct strbuf keep = STRBUF_INIT;
	unsigned removed, failed = 0;

	if (job->options->remove == 0 || retention_keeps_all(&job->keep))
		return 0;
	retention_format(&job->keep, &keep);
	backup_log(&job->log, BACKUP_INFO, "prune older backups with retention: %s",
		   keep.at);
	if (list_own(job, vmid, &list, err) < 0)
		return -1;
	retention_mark(&job->keep, &list);
	removed = remove_marked(job, &list, &failed);
	backup_log(&job->log, BACKUP_INFO, "pruned %u backup(s)%s", removed,
		   removed ? " not covered by keep-retention policy" : "");
	return failed ? fail(err, 0, "error pruning backups - check log") : 0;
}
