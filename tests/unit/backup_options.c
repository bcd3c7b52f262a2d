#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/backup.h"
#include "config/backupname.h"
#include "ct/backupmail.h"
#include "test.h"

/* "key=value" words, NULL at the end, as the command line or the file gives them. */
static struct keyvals keyvals_of(const char *const *words)
{
	struct keyvals list = { 0 };

	for (; *words; words++) {
		struct slice value, key = slice_cut(slice(*words), '=', &value);
		auto_free char *name = slice_dup(key);

		keyvals_set(&list, name, value.at);
	}
	return list;
}
#define KEYVALS(...) keyvals_of((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void merge(struct keyvals given, struct keyvals conf, struct backup_options *out,
		  struct notes *warnings)
{
	auto_free char *prune = NULL;

	backup_options_merge(&given, &conf, out, &prune, warnings);
	keyvals_done(&given);
	keyvals_done(&conf);
}

TEST("vzdump.conf has lines 'key: value', comments and blanks around them")
{
	auto_keyvals struct keyvals conf = { 0 };
	auto_notes struct notes warnings = { 0 };

	backup_conf_parse(slice("# a comment\n\n  mode:  stop \nbwlimit:\t100\n"
				"unknown: x\nmode: suspend\nquiet: yes\n"),
			  &conf, &warnings);
	EXPECT_INT(warnings.count, 0);
	EXPECT_INT(conf.count, 3);
	EXPECT_TEXT(keyvals_get(&conf, "mode"), "suspend");
	EXPECT_TEXT(keyvals_get(&conf, "bwlimit"), "100");
	EXPECT_TEXT(keyvals_get(&conf, "quiet"), "1");
}

TEST("exclude-path of vzdump.conf adds up and is split as a shell does it")
{
	auto_keyvals struct keyvals conf = { 0 };
	auto_notes struct notes warnings = { 0 };

	backup_conf_parse(slice("exclude-path: /a \"/b c\" '/d\\e'\n"
				"exclude-path: /f\\ g \"\\\"h\"\n"),
			  &conf, &warnings);
	EXPECT_TEXT(keyvals_get(&conf, "exclude-path"), "/a\n/b c\n/d\\e\n/f g\n\"h");
	EXPECT_INT(warnings.count, 0);
}

TEST("a value of vzdump.conf that fails its type is told and left out")
{
	auto_keyvals struct keyvals conf = { 0 };
	auto_notes struct notes warnings = { 0 };

	backup_conf_parse(slice("ionice: 9\nmode: fast\nno colon\n"), &conf, &warnings);
	EXPECT_INT(conf.count, 0);
	EXPECT_INT(warnings.count, 3);
	EXPECT_TEXT(warnings.text[0], "vzdump.conf: ignoring 'ionice': value must have a "
				      "maximum value of 8");
	EXPECT_TEXT(warnings.text[2], "vzdump.conf: unable to parse 'no colon'");
}

TEST("the command line comes before the file, and the file before what is built in")
{
	auto_backup_options struct backup_options options = { 0 };
	auto_notes struct notes warnings = { 0 };

	merge(KEYVALS("mode=stop"), KEYVALS("mode=suspend", "bwlimit=5"), &options,
	      &warnings);
	EXPECT_TEXT(options.mode, "stop");
	EXPECT_INT(options.bwlimit, 5);
	EXPECT_INT(options.ionice, 7);
	EXPECT_INT(options.lockwait, 180);
	EXPECT_TEXT(options.compress, "0");
	EXPECT(options.storage == NULL);
}

TEST("exclude patterns are a union, those of the file first")
{
	auto_backup_options struct backup_options options = { 0 };
	auto_notes struct notes warnings = { 0 };

	merge(KEYVALS("exclude-path=/c\n/d"), KEYVALS("exclude-path=/a\n/b"), &options,
	      &warnings);
	EXPECT_TEXT(options.exclude_path, "/a\n/b\n/c\n/d");
}

TEST("the file's storage and dumpdir count only when the command line has neither")
{
	auto_backup_options struct backup_options one = { 0 }, two = { 0 }, three = { 0 };
	auto_notes struct notes warnings = { 0 };

	merge(KEYVALS("dumpdir=/d"), KEYVALS("storage=nas"), &one, &warnings);
	EXPECT(one.storage == NULL);
	EXPECT_TEXT(one.dumpdir, "/d");
	merge(KEYVALS("storage=x1"), KEYVALS("dumpdir=/d"), &two, &warnings);
	EXPECT(two.dumpdir == NULL);
	EXPECT_INT(warnings.count, 0);
	merge(KEYVALS(), KEYVALS("dumpdir=/d", "storage=nas"), &three, &warnings);
	EXPECT(three.dumpdir == NULL);
	EXPECT_TEXT(three.storage, "nas");
	EXPECT_INT(warnings.count, 1);
}

TEST("notes and protection of the file are dropped where no storage keeps them")
{
	auto_backup_options struct backup_options kept = { 0 }, dropped = { 0 };
	auto_notes struct notes warnings = { 0 };

	merge(KEYVALS(), KEYVALS("notes-template=x", "protected=1"), &kept, &warnings);
	EXPECT_TEXT(kept.notes, "x");
	EXPECT_INT(kept.protect, 1);
	merge(KEYVALS("dumpdir=/d"), KEYVALS("notes-template=x", "protected=1"), &dropped,
	      &warnings);
	EXPECT(dropped.notes == NULL);
	EXPECT_INT(dropped.protect, 0);
}

TEST("storage together with dumpdir or stdout is refused wherever they come from")
{
	auto_backup_options struct backup_options both = { 0 }, out = { 0 };
	auto_notes struct notes warnings = { 0 };
	struct error err;

	merge(KEYVALS("storage=x1", "dumpdir=/d"), KEYVALS(), &both, &warnings);
	EXPECT(backup_options_check(&both, &err) < 0);
	EXPECT_TEXT(err.text,
		    "cannot use options 'storage' and 'dumpdir' at the same time");
	merge(KEYVALS("stdout=1"), KEYVALS("storage=x1"), &out, &warnings);
	EXPECT(backup_options_check(&out, &err) < 0);
	EXPECT_TEXT(err.text, "cannot use options 'storage' and 'stdout' at the same time");
}

TEST("the logged command line is quoted, each exclude-path for itself")
{
	static const unsigned ids[] = { 100, 101 };
	auto_keyvals struct keyvals given =
		KEYVALS("mode=stop", "exclude-path=/a b\n*.bak", "dumpdir=/it's");
	auto_strbuf struct strbuf out = STRBUF_INIT;

	backup_command_line(ids, 2, &given, &out);
	EXPECT_TEXT(out.at, "vzdump 100 101 --dumpdir '/it'\\''s' --exclude-path '/a b' "
			    "--exclude-path '*.bak' --mode stop");
}

TEST("standard names tell guest and time, others do not")
{
	static const char *const bad[] = {
		"vzdump-lxc-100-2026_01_05-02_00_01",
		"vzdump-lxc-100-2026_01_05-02_00_01.tar.xz",
		"vzdump-lxc-99-2026_01_05-02_00_01.tar",
		"vzdump-lxc-0100-2026_01_05-02_00_01.tar",
		"vzdump-lxc-100-2026_1_5-02_00_01.tar",
		"vzdump-lxc-100-2026_01_05-02_00_01.vma",
		"vzdump-vm-100-2026_01_05-02_00_01.tar",
		"web.tar.zst",
	};
	struct backup_name name;

	setenv("TZ", "UTC", 1);
	EXPECT(backup_name_parse(slice("vzdump-lxc-100-2026_01_05-02_00_01.tar.zst"),
				 &name));
	EXPECT_TEXT(name.type, "lxc");
	EXPECT_INT(name.vmid, 100);
	EXPECT_INT(name.time, 1767578401);
	EXPECT_INT(name.stem, strlen("vzdump-lxc-100-2026_01_05-02_00_01"));
	EXPECT(backup_name_parse(slice("vzdump-qemu-100-2026_01_05-02_00_01.vma.zst"),
				 &name));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(!backup_name_parse(slice(bad[i]), &name));
}

TEST("a name made for a time is read as that time")
{
	auto_free char *stem = backup_stem(101, 1767578401);
	auto_free char *file = xasprintf("%s.tar", stem);
	struct backup_name name;

	EXPECT(backup_name_parse(slice(file), &name));
	EXPECT_INT(name.time, 1767578401);
	EXPECT_INT(name.vmid, 101);
}

static void expect_notes(const char *template, const char *want)
{
	const struct backup_subject subject = { .guestname = "web",
						.node = "host",
						.vmid = 100 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT_TEXT(backup_notes(slice(template), &subject, &out, &err) == 0 ? out.at
									     : err.text,
		    want);
}

TEST("notes templates know four variables and two escapes")
{
	expect_notes("{{guestname}} ({{vmid}}) on {{node}}, {{cluster}}",
		     "web (100) on host, standalone node");
	expect_notes("a\\nb\\\\n", "a\nb\\n");
	expect_notes("{{ guestname }} {", "{{ guestname }} {");
	expect_notes("{{other}}", "unexpected variable '{{other}}'");
	expect_notes("a\\tb", "unexpected escape character '\\t'");
	expect_notes("a\nb", "the template has a line break");
}

static void expect_text(void (*format)(uint64_t, struct strbuf *), uint64_t value,
			const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	format(value, &out);
	EXPECT_TEXT(out.at, want);
}

static void duration(uint64_t seconds, struct strbuf *out)
{
	backup_duration((int64_t)seconds, out);
}

TEST("sizes, amounts and durations print as the log has them")
{
	expect_text(backup_size, 1023, "0KB");
	expect_text(backup_size, 205 << 20, "205MB");
	expect_text(backup_size, UINT64_C(1536) << 20, "1.50GB");
	expect_text(backup_size, UINT64_C(3) << 40, "3.00TB");
	expect_text(backup_amount, 0, "0 bytes");
	expect_text(backup_amount, 999, "999 bytes");
	expect_text(backup_amount, 612310000, "612.31M bytes");
	expect_text(duration, 26, "00:00:26");
	expect_text(duration, 360061, "100:01:01");
}

TEST("a mail has the addresses, what came of the job, and its log")
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	backup_mail_format("a@x,b@y", "host", false, slice("ERROR: no\n"), &out);
	EXPECT_TEXT(out.at, "From: vzdump <root>\nTo: a@x, b@y\n"
			    "Subject: vzdump backup status (host): backup failed\n"
			    "MIME-Version: 1.0\n"
			    "Content-Type: text/plain; charset=UTF-8\n"
			    "Content-Transfer-Encoding: 8bit\n\nERROR: no\n");
}

TEST("every option has help, a default that passes its own check, and a name of its own")
{
	for (const struct prop *row = backup_props; row->name; row++) {
		auto_problems struct problems problems = { 0 };

		EXPECT(row->help && row->help[strlen(row->help) - 1] == '.');
		EXPECT(!row->fallback || prop_check(row, row->name, slice(row->fallback),
						    &problems, NULL) == 0);
		EXPECT(row->min <= row->max);
		EXPECT(prop_find(backup_props, slice(row->name)) == row);
	}
}
