#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "commands.h"
#include "config/backupkeep.h"
#include "config/format.h"
#include "config/store.h"
#include "ct/backuplist.h"

struct prune_options {
	struct retention keep; /* its rows count on its place */
	char *storage, *type;
	long long vmid;
	int dry_run;
};

static const struct prop prune_args[] = {
	STORAGE_ARG(prune_options),
	{ 0 },
};

static const char *const types[] = { "qemu", "lxc", NULL };

static const struct prop prune_options[] = {
	RETENTION_ROWS,
	{ .name = "dry-run",
	  .type = PROP_BOOL,
	  .offset = AT(prune_options, dry_run),
	  .help = "Only show what would be removed.",
	  .fallback = "0" },
	{ .name = "type",
	  .type = PROP_ENUM,
	  .offset = AT(prune_options, type),
	  .help = "Only look at backups of guests of this type.",
	  .choices = types },
	{ .name = "vmid",
	  .type = PROP_INT,
	  .offset = AT(prune_options, vmid),
	  .help = "Only look at backups of this guest.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .offers = OFFER_GUEST },
	{ 0 },
};

static bool has_keep_option(const struct call *call)
{
	for (size_t i = 0; i < call->given.count; i++)
		if (slice_starts(slice(call->given.at[i].key), "keep-"))
			return true;
	return false;
}

/* The options, or what the storage is set to. */
static int choose_retention(const struct call *call, const struct storage *st,
			    struct retention *out, struct error *err)
{
	const struct prune_options *options = call->options;
	const char *text = keyvals_get(&st->props, "prune-backups");

	if (has_keep_option(call)) {
		*out = options->keep;
		return retention_check(out, err);
	}
	if (!text)
		return fail(err, 0, "no prune-backups options configured for storage '%s'",
			    st->id);
	return retention_parse(slice(text), out, err);
}

static void keep_type(struct backup_list *list, const char *type)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].type && strcmp(list->at[i].type, type) == 0)
			list->at[kept++] = list->at[i];
		else
			free(list->at[i].volid);
	}
	list->count = kept;
}

/* "lxc/100"; the caller frees it. */
static char *backup_id(const struct backup_entry *entry)
{
	const char *type = entry->type ? entry->type : "unknown";

	return entry->vmid ? xasprintf("%s/%u", type, entry->vmid) : xstrdup(type);
}

static int by_id_and_time(const void *left, const void *right)
{
	const struct backup_entry *a = left, *b = right;
	auto_free char *a_id = backup_id(a), *b_id = backup_id(b);
	int ids = strcmp(a_id, b_id);

	return ids ? ids : a->time < b->time ? -1 : a->time > b->time;
}

static void print_preview(struct backup_list *list)
{
	int width = 0;

	if (list->count == 0) {
		puts("No backups found");
		return;
	}
	qsort(list->at, list->count, sizeof(*list->at), by_id_and_time);
	for (size_t i = 0; i < list->count; i++)
		if ((int)strlen(list->at[i].volid) + 1 > width)
			width = (int)strlen(list->at[i].volid) + 1;
	puts("NOTE: this is only a preview and might not be what a subsequent\n"
	     "prune call does if backups are removed/added in the meantime.\n");
	printf("%-*s %15s %10s\n", width, "Backup", "Backup-ID", "Prune-Mark");
	for (size_t i = 0; i < list->count; i++) {
		const struct backup_entry *entry = &list->at[i];
		auto_free char *id = backup_id(entry);

		printf("%-*s %15s %10s\n", width, entry->volid, id,
		       backup_mark_name(entry->mark));
	}
}

/* All are tried; the last failure is told. */
static int remove_marked(const struct storages *all, const struct backup_list *list,
			 struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < list->count; i++) {
		auto_notes struct notes notes = { 0 };

		if (list->at[i].mark != BACKUP_REMOVE)
			continue;
		printf("removing backup '%s'\n", list->at[i].volid);
		if (volume_free(all, slice(list->at[i].volid), &notes, err) < 0)
			status = -1;
		warn_notes(&notes);
	}
	return status;
}

static int prune(struct call *call, struct error *err)
{
	const struct prune_options *options = call->options;
	unsigned vmid = options->vmid > 0 ? (unsigned)options->vmid : 0;
	auto_storages struct storages storages = { 0 };
	auto_backup_list struct backup_list list = { 0 };
	const struct storage *st = NULL;
	struct retention keep;

	load_storages(&storages);
	if (storage_use(&storages, slice(options->storage), CONTENT_BACKUP, &st, err) < 0 ||
	    choose_retention(call, st, &keep, err) < 0 ||
	    backup_list_storage(&storages, st, vmid, &list, err) < 0)
		return -1;
	if (options->type)
		keep_type(&list, options->type);
	retention_mark(&keep, &list);
	if (options->dry_run <= 0)
		return remove_marked(&storages, &list, err);
	print_preview(&list);
	return 0;
}

const struct command cmd_prune = {
	.name = "prune-backups",
	.group = 2,
	.help = "Prune backups. Without keep options those of the storage count.",
	.args = prune_args,
	.options = prune_options,
	.options_size = sizeof(struct prune_options),
	.run = prune,
};
