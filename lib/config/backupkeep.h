/*
 * Which backups to keep (backup.md 8): the keep-... options and the rule that marks each
 * backup. Pure functions; periods are those of the local time.
 */
#pragma once

#include <limits.h>
#include <time.h>

#include "config/prop.h"

struct retention {
	int all;
	long long last, hourly, daily, weekly, monthly, yearly; /* -1 or 0: none */
};

/* Its rows, also for options of a command whose struct begins with a retention. */
#define RETENTION_ROWS                                                                    \
	{ "keep-all", PROP_BOOL, AT(retention, all), .help = "Keep all backups." },       \
		{ "keep-last", PROP_INT, AT(retention, last), "Keep the last N backups.", \
		  .max = INT_MAX },                                                       \
		{ "keep-hourly", PROP_INT, AT(retention, hourly),                         \
		  "Keep one for each of the last N hours.", .max = INT_MAX },             \
		{ "keep-daily", PROP_INT, AT(retention, daily),                           \
		  "Keep one for each of the last N days.", .max = INT_MAX },              \
		{ "keep-weekly", PROP_INT, AT(retention, weekly),                         \
		  "Keep one for each of the last N weeks.", .max = INT_MAX },             \
		{ "keep-monthly", PROP_INT, AT(retention, monthly),                       \
		  "Keep one for each of the last N months.", .max = INT_MAX },            \
	{                                                                                 \
		"keep-yearly", PROP_INT, AT(retention, yearly),                           \
			"Keep one for each of the last N years.", .max = INT_MAX          \
	}
extern const struct prop retention_props[];

/*
 * keep-all goes with no other option that is positive: "keep-all cannot be set together
 * with other options.".
 */
int retention_check(const struct retention *retention, struct error *err);

/* Read "keep-last=3,keep-daily=7", and check it. */
int retention_parse(struct slice text, struct retention *out, struct error *err);

/* Nothing is ever removed. */
bool retention_keeps_all(const struct retention *retention);

/* How many backups it keeps at most: the sum of all. 0: no limit. */
unsigned long long retention_limit(const struct retention *retention);

/* "keep-daily=7, keep-last=3": the options that are set, sorted. */
void retention_format(const struct retention *retention, struct strbuf *out);

enum backup_mark {
	BACKUP_UNMARKED,
	BACKUP_KEEP,
	BACKUP_REMOVE,
	BACKUP_PROTECTED, /* it stays, and does not count */
	BACKUP_RENAMED,   /* the same: its name says nothing */
};

const char *backup_mark_name(enum backup_mark mark);

struct backup_entry {
	char *volid;      /* or the path of one that is in no storage; owned */
	const char *type; /* "lxc", "qemu", "openvz"; NULL: its name says nothing */
	unsigned vmid;
	time_t time;
	enum backup_mark mark; /* in: PROTECTED, RENAMED or UNMARKED */
};

struct backup_list {
	struct backup_entry *at;
	size_t count;
};

void backup_list_done(struct backup_list *list);
#define auto_backup_list __attribute__((cleanup(backup_list_done)))

/*
 * Mark every entry: each guest's backups for themselves, newest first. The list is sorted
 * by guest and then by time, oldest first.
 */
void retention_mark(const struct retention *retention, struct backup_list *list);
