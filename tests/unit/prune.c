#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/backupkeep.h"
#include "config/backupname.h"
#include "test.h"

/* Those of backup.md 8, oldest first; '!' marks the protected one. */
static const char *const worked[] = {
	"2018_05_26-11_18_21",
	"2019_12_31-11_18_21",
	"!2019_12_31-11_18_51",
	"2019_12_31-11_19_21",
	"2020_01_01-11_18_21",
	"2020_01_01-12_18_21",
	NULL,
};

static void add(struct backup_list *list, const char *stamp, unsigned vmid)
{
	bool is_protected = stamp[0] == '!';
	auto_free char *file =
		xasprintf("vzdump-lxc-%u-%s.tar.zst", vmid, stamp + is_protected);
	struct backup_name name = { 0 };

	EXPECT(backup_name_parse(slice(file), &name));
	list->at = xreallocarray(list->at, list->count + 1, sizeof(*list->at));
	list->at[list->count++] = (struct backup_entry){
		.volid = take_ptr(&file),
		.type = name.type,
		.vmid = vmid,
		.time = name.time,
		.mark = is_protected ? BACKUP_PROTECTED : BACKUP_UNMARKED,
	};
}

static struct backup_list list_of(const char *const *stamps)
{
	struct backup_list list = { 0 };

	for (; *stamps; stamps++)
		add(&list, *stamps, 100);
	return list;
}

/* The first letters of the marks, oldest first. */
static void expect_marks_of(struct backup_list *list, const char *options, const char *want)
{
	struct retention retention;
	struct error err;
	char got[32] = "";

	EXPECT(retention_parse(slice(options), &retention, &err) == 0);
	retention_mark(&retention, list);
	for (size_t i = 0; i < list->count && i + 1 < sizeof(got); i++)
		got[i] = backup_mark_name(list->at[i].mark)[0];
	EXPECT_TEXT(got, want);
}

static void expect_marks(const char *options, const char *want)
{
	auto_backup_list struct backup_list list = list_of(worked);

	expect_marks_of(&list, options, want);
}

TEST("the worked cases of the specification come out as it says")
{
	setenv("TZ", "UTC", 1);
	expect_marks("keep-last=3", "rrpkkk");
	expect_marks("keep-hourly=2", "rrprkk");
	expect_marks("keep-hourly=24", "krpkkk");
	expect_marks("keep-daily=3", "krpkrk");
	expect_marks("keep-last=1,keep-daily=2", "krpkrk");
	expect_marks("keep-last=2,keep-yearly=5", "krpkkk");
	expect_marks("keep-weekly=1", "rrprrk");
	expect_marks("keep-weekly=9,keep-monthly=1,keep-yearly=1", "krprrk");
}

TEST("without a number that is positive everything is kept")
{
	expect_marks("keep-all=1", "kkpkkk");
	expect_marks("keep-last=0,keep-daily=0", "kkpkkk");
	expect_marks("", "kkpkkk");
}

TEST("the order in which backups are listed does not matter")
{
	static const char *const mixed[] = { "2020_01_01-12_18_21", "2018_05_26-11_18_21",
					     "2019_12_31-11_18_21", NULL };
	auto_backup_list struct backup_list list = list_of(mixed);

	expect_marks_of(&list, "keep-last=1", "rrk");
}

TEST("each guest's backups are counted for themselves")
{
	auto_backup_list struct backup_list list = { 0 };

	add(&list, "2020_01_01-12_00_00", 101);
	add(&list, "2020_01_02-12_00_00", 100);
	add(&list, "2020_01_03-12_00_00", 101);
	expect_marks_of(&list, "keep-last=1", "krk");
}

TEST("a backup whose name says nothing stays and does not count")
{
	auto_backup_list struct backup_list list = { 0 };

	add(&list, "2020_01_01-12_00_00", 100);
	add(&list, "2020_01_02-12_00_00", 100);
	list.at[1].type = NULL;
	list.at[1].mark = BACKUP_RENAMED;
	expect_marks_of(&list, "keep-last=1", "rk");
}

TEST("weeks are ISO weeks: the last days of a year may be in the first week of the next")
{
	static const char *const turn[] = { "2024_12_29-10_00_00", "2024_12_30-10_00_00",
					    "2025_01_01-10_00_00", NULL };
	auto_backup_list struct backup_list list = list_of(turn);

	expect_marks_of(&list, "keep-weekly=2", "krk");
}

TEST("keep-all goes with no other option, and wrong options are named")
{
	struct retention retention;
	struct error err;

	EXPECT(retention_parse(slice("keep-all=1,keep-last=3"), &retention, &err) < 0);
	EXPECT_TEXT(err.text, "keep-all cannot be set together with other options.");
	EXPECT(retention_parse(slice("keep-all=1,keep-last=0"), &retention, &err) == 0);
	EXPECT(retention_parse(slice("keep-last=x"), &retention, &err) < 0);
	EXPECT(strstr(err.text, "keep-last") != NULL);
	EXPECT(retention_parse(slice("keep-some=1"), &retention, &err) < 0);
}

TEST("the options print sorted, and their sum is the limit")
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct retention retention;
	struct error err;

	EXPECT(retention_parse(slice("keep-last=3,keep-daily=7,keep-yearly=0"), &retention,
			       &err) == 0);
	retention_format(&retention, &out);
	EXPECT_TEXT(out.at, "keep-daily=7, keep-last=3");
	EXPECT_INT(retention_limit(&retention), 10);
	EXPECT(!retention_keeps_all(&retention));
}
