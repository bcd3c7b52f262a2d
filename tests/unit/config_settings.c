#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/settings.h"
#include "samples.h"
#include "test.h"

/* The warnings as lines, with FILE in place of the path; NULL text: no file. */
static char *load(const char *text, struct settings *settings)
{
	auto_notes struct notes notes = { 0 };
	auto_free char *path = NULL;
	struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0 && path_make(PATH_ETC, &err) == 0);
	path = path_in(PATH_ETC, "pct.conf");
	EXPECT(remove_file(path, &err) == 0);
	if (text)
		EXPECT(save_path(path, slice(text), 0644, &err) == 0);
	settings_load(settings, &notes);
	for (size_t i = 0; i < notes.count; i++) {
		const char *rest = notes.text[i], *found = strstr(rest, path);

		EXPECT(found != NULL);
		for (; found; found = strstr(rest, path)) {
			strbuf_addf(&out, "%.*sFILE", (int)(found - rest), rest);
			rest = found + strlen(path);
		}
		strbuf_addf(&out, "%s\n", rest);
	}
	return strbuf_take(&out);
}

static void expect_built_in(const struct settings *settings)
{
	EXPECT_TEXT(settings->storage, "local");
	EXPECT(settings->bridge == NULL);
	EXPECT_TEXT(settings->mac_prefix, "BC:24:11");
	EXPECT(settings->timezone == NULL);
	EXPECT_INT(settings->unprivileged, 1);
	EXPECT_INT(settings->onboot, 0);
	EXPECT_INT(settings->shutdown_timeout_s, 60);
}

TEST("without a file the built-in settings hold")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *warnings = load(NULL, &settings);

	EXPECT_TEXT(warnings, "");
	expect_built_in(&settings);
}

TEST("the file's settings win over the built-in ones")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *warnings =
		load("; mine\n[defaults]\nstorage = tank\nbridge=vmbr1\nmac_prefix =\n"
		     "timezone = Europe/Paris # there\nunprivileged = no\nonboot = Yes\n"
		     "shutdown_timeout = 5\n",
		     &settings);

	EXPECT_TEXT(warnings, "");
	EXPECT_TEXT(settings.storage, "tank");
	EXPECT_TEXT(settings.bridge, "vmbr1");
	EXPECT(settings.mac_prefix == NULL);
	EXPECT_TEXT(settings.timezone, "Europe/Paris");
	EXPECT_INT(settings.unprivileged, 0);
	EXPECT_INT(settings.onboot, 1);
	EXPECT_INT(settings.shutdown_timeout_s, 5);
}

/* The shipped file, with the '#' of all its settings taken away, or only of some. */
static char *shipped(bool (*is_wanted)(struct slice line))
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct strbuf out = STRBUF_INIT;
	struct slice rest, line;
	struct error err;

	EXPECT(read_file(AT_FDCWD, "conf/pct.conf", 65536, &text, &err) == 0);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		bool is_setting = slice_starts(line, "#") && !slice_starts(line, "# ");

		strbuf_add_slice(&out, slice_from(line, is_setting && is_wanted(line)));
		strbuf_addc(&out, '\n');
	}
	return strbuf_take(&out);
}

static bool is_none(struct slice line)
{
	(void)line;
	return false;
}

static bool is_any(struct slice line)
{
	(void)line;
	return true;
}

/* What is shown of these is an example: nothing is built in. */
static bool has_built_in(struct slice line)
{
	return !slice_starts(line, "#bridge") && !slice_starts(line, "#timezone");
}

static void expect_shipped_built_in(bool (*is_wanted)(struct slice line))
{
	auto_settings struct settings settings = { 0 };
	auto_free char *text = shipped(is_wanted), *warnings = load(text, &settings);

	EXPECT_TEXT(warnings, "");
	expect_built_in(&settings);
}

TEST("the shipped file sets nothing, and what it shows are the built-in settings")
{
	expect_shipped_built_in(is_none);
	expect_shipped_built_in(has_built_in);
}

TEST("every setting of the shipped file can be taken as it is shown")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *text = shipped(is_any), *warnings = load(text, &settings);

	EXPECT_TEXT(warnings, "");
	EXPECT_TEXT(settings.bridge, "vmbr0");
	EXPECT_TEXT(settings.timezone, "host");
	for (const struct prop *row = settings_props; row->name; row++) {
		auto_free char *line = xasprintf("\n%s = ", row->name);

		EXPECT(strstr(text, line) != NULL);
	}
}

static void check_sample(struct slice sample)
{
	auto_settings struct settings settings = { 0 };
	auto_free char *text = slice_dup(sample), *warnings = load(text, &settings);

	EXPECT_TEXT(warnings, "");
}

TEST("the settings of the manual are read without a warning")
{
	EXPECT(each_sample(true, check_sample) >= 1);
}

TEST("bad values and unknown keys are told by line, and the rest holds")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *warnings =
		load("[defaults]\nstorage = x\nonboot = maybe\nonboat = 1\n"
		     "shutdown_timeout = -1\nmac_prefix = 01\nbridge = a b\n"
		     "timezone = /etc\nunprivileged =\n[other]\nbridge = x\n",
		     &settings);

	EXPECT_TEXT(
		warnings,
		"FILE: line 2: storage: invalid format - storage ID 'x' cannot be shorter "
		"than 2 characters\n"
		"FILE: line 3: onboot: type check ('boolean') failed - got 'maybe'\n"
		"FILE: line 4: unknown setting 'onboat' in section 'defaults'\n"
		"FILE: line 5: shutdown_timeout: value must have a minimum value of 0\n"
		"FILE: line 6: mac_prefix: invalid format - value does not look like a "
		"valid "
		"unicast MAC address prefix\n"
		"FILE: line 7: bridge: value does not match the regex pattern\n"
		"FILE: line 8: timezone: invalid format - invalid time zone '/etc'\n"
		"FILE: line 9: unprivileged: type check ('boolean') failed - got ''\n"
		"FILE: line 11: unknown setting 'bridge' in section 'other'\n");
	expect_built_in(&settings);
}

TEST("a broken file is a warning that names its line, and the built-in settings hold")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *warnings =
		load("[defaults]\nstorage = tank\nthis is no setting\n", &settings);

	EXPECT_TEXT(warnings,
		    "syntax error in FILE (3): -> this is no setting - using built-in "
		    "settings\n");
	expect_built_in(&settings);
}

TEST("each broken line is named, in one warning")
{
	auto_settings struct settings settings = { 0 };
	auto_free char *warnings = load("x y\n[defaults]\nz\n", &settings);

	EXPECT_TEXT(warnings, "syntax error in FILE (1): -> x y; syntax error in FILE (3): "
			      "-> z - using built-in settings\n");
}

TEST("a directory in place of the file is a warning")
{
	auto_settings struct settings settings = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_free char *path = NULL, *warnings = load(NULL, &settings);
	struct error err;

	path = path_in(PATH_ETC, "pct.conf");
	EXPECT_TEXT(warnings, "");
	EXPECT(make_dir(path, 0755, &err) == 0);
	settings_done(&settings);
	settings_load(&settings, &notes);
	EXPECT_INT(notes.count, 1);
	expect_built_in(&settings);
	EXPECT(rmdir(path) == 0);
}
