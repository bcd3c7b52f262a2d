#include "config/backupkeep.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"

const struct prop retention_props[] = { RETENTION_ROWS, { 0 } };

/* Numbers that are equal for two times of the same period. */

static long long last_key(time_t time, const struct tm *local)
{
	(void)local;
	return (long long)time;
}

static long long yearly_key(time_t time, const struct tm *local)
{
	(void)time;
	return local->tm_year;
}

static long long monthly_key(time_t time, const struct tm *local)
{
	return yearly_key(time, local) * 12 + local->tm_mon;
}

static long long daily_key(time_t time, const struct tm *local)
{
	return yearly_key(time, local) * 366 + local->tm_yday;
}

static long long hourly_key(time_t time, const struct tm *local)
{
	return daily_key(time, local) * 24 + local->tm_hour;
}

/* Week and year of ISO 8601, in which the first days of a year may be the last one's. */
static long long weekly_key(time_t time, const struct tm *local)
{
	char text[32];

	(void)time;
	strftime(text, sizeof(text), "%G%V", local);
	return strtoll(text, NULL, 10);
}

/* In the order in which they mark. */
static const struct period {
	size_t offset; /* of its number in struct retention */
	const char *name;
	long long (*key)(time_t time, const struct tm *local);
} periods[] = {
	{ AT(retention, last), "keep-last", last_key },
	{ AT(retention, hourly), "keep-hourly", hourly_key },
	{ AT(retention, daily), "keep-daily", daily_key },
	{ AT(retention, weekly), "keep-weekly", weekly_key },
	{ AT(retention, monthly), "keep-monthly", monthly_key },
	{ AT(retention, yearly), "keep-yearly", yearly_key },
};

#define PERIODS (sizeof(periods) / sizeof(periods[0]))

static unsigned long long number_of(const struct retention *retention,
				    const struct period *period)
{
	long long number;

	memcpy(&number, (const char *)retention + period->offset, sizeof(number));
	return number > 0 ? (unsigned long long)number : 0;
}

unsigned long long retention_limit(const struct retention *retention)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < PERIODS; i++)
		sum += number_of(retention, &periods[i]);
	return sum;
}

bool retention_keeps_all(const struct retention *retention)
{
	return retention->all > 0 || retention_limit(retention) == 0;
}

int retention_check(const struct retention *retention, struct error *err)
{
	if (retention->all > 0 && retention_limit(retention) > 0)
		return fail(err, 0, "keep-all cannot be set together with other options.");
	return 0;
}

int retention_parse(struct slice text, struct retention *out, struct error *err)
{
	struct retention retention;

	if (group_parse(text, retention_props, &retention, err) < 0 ||
	    retention_check(&retention, err) < 0)
		return -1;
	*out = retention;
	return 0;
}

static int by_name(const void *left, const void *right)
{
	return strcmp((*(const struct period *const *)left)->name,
		      (*(const struct period *const *)right)->name);
}

void retention_format(const struct retention *retention, struct strbuf *out)
{
	const struct period *sorted[PERIODS];
	const char *comma = "";

	for (size_t i = 0; i < PERIODS; i++)
		sorted[i] = &periods[i];
	qsort(sorted, PERIODS, sizeof(sorted[0]), by_name);
	if (retention_keeps_all(retention))
		strbuf_adds(out, "keep-all=1");
	for (size_t i = 0; i < PERIODS; i++) {
		unsigned long long number = number_of(retention, sorted[i]);

		if (number == 0)
			continue;
		strbuf_addf(out, "%s%s=%llu", comma, sorted[i]->name, number);
		comma = ", ";
	}
}

const char *backup_mark_name(enum backup_mark mark)
{
	static const char *const names[] = {
		[BACKUP_UNMARKED] = "",       [BACKUP_KEEP] = "keep",
		[BACKUP_REMOVE] = "remove",   [BACKUP_PROTECTED] = "protected",
		[BACKUP_RENAMED] = "renamed",
	};

	return names[mark];
}

void backup_list_done(struct backup_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].volid);
	free(list->at);
	*list = (struct backup_list){ 0 };
}

/* The backups of one guest, oldest first. */
struct group {
	struct backup_entry *at;
	size_t count;
};

static long long key_of(const struct period *period, const struct backup_entry *entry)
{
	struct tm local;

	localtime_r(&entry->time, &local);
	return period->key(entry->time, &local);
}

/* One that an earlier option keeps is in the same period. */
static bool is_covered(const struct group *group, const struct period *period,
		       const bool *kept_before, long long key)
{
	for (size_t i = 0; i < group->count; i++)
		if (kept_before[i] && key_of(period, &group->at[i]) == key)
			return true;
	return false;
}

static void mark_period(const struct group *group, const struct period *period,
			unsigned long long number)
{
	auto_free bool *kept_before = xcalloc(group->count, sizeof(*kept_before));
	unsigned long long count = 0;
	long long chosen = 0;

	for (size_t i = 0; i < group->count; i++)
		kept_before[i] = group->at[i].mark == BACKUP_KEEP;
	for (size_t i = group->count; i-- > 0;) {
		struct backup_entry *entry = &group->at[i];
		long long key = key_of(period, entry);

		if (entry->mark != BACKUP_UNMARKED ||
		    is_covered(group, period, kept_before, key))
			continue;
		/* Times only fall here: only the last chosen key can come again. */
		if (count > 0 && key == chosen) {
			entry->mark = BACKUP_REMOVE;
			continue;
		}
		if (count++ == number)
			break;
		entry->mark = BACKUP_KEEP;
		chosen = key;
	}
}

static void mark_group(const struct retention *retention, const struct group *group)
{
	bool keeps_all = retention_keeps_all(retention);

	for (size_t i = 0; i < PERIODS && !keeps_all; i++) {
		unsigned long long number = number_of(retention, &periods[i]);

		if (number > 0)
			mark_period(group, &periods[i], number);
	}
	for (size_t i = 0; i < group->count; i++)
		if (group->at[i].mark == BACKUP_UNMARKED)
			group->at[i].mark = keeps_all ? BACKUP_KEEP : BACKUP_REMOVE;
}

static int compare_guests(const struct backup_entry *a, const struct backup_entry *b)
{
	int types = strcmp(a->type ? a->type : "", b->type ? b->type : "");

	return types ? types : a->vmid < b->vmid ? -1 : a->vmid > b->vmid;
}

static int by_guest_and_time(const void *left, const void *right)
{
	const struct backup_entry *a = left, *b = right;
	int guests = compare_guests(a, b);

	return guests ? guests : a->time < b->time ? -1 : a->time > b->time;
}

void retention_mark(const struct retention *retention, struct backup_list *list)
{
	if (list->count == 0)
		return;
	sort_stable(list->at, list->count, sizeof(*list->at), by_guest_and_time);
	for (size_t start = 0, end; start < list->count; start = end) {
		struct group group = { .at = &list->at[start] };

		for (end = start; end < list->count; end++)
			if (compare_guests(&list->at[start], &list->at[end]) != 0)
				break;
		group.count = end - start;
		mark_group(retention, &group);
	}
}
