#include "config/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iniparser/iniparser.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/format.h"

#define FILE_MAX (1024 * 1024)
#define SECTION  "defaults"

/* PROP_REQUIRED: may not be set to nothing. */
const struct prop settings_props[] = {
	{ "storage", PROP_TEXT, AT(settings, storage), "Storage of new volumes.",
	  .format = &format_storage_id, .fallback = "local", .flags = PROP_REQUIRED },
	{ "bridge", PROP_TEXT, AT(settings, bridge), "Bridge of interfaces without one.",
	  .pattern = "[-_.A-Za-z0-9]+", .min = 1, .max = 15 },
	{ "mac_prefix", PROP_TEXT, AT(settings, mac_prefix),
	  "First bytes of new MAC addresses; empty for locally administered ones.",
	  .format = &format_mac_prefix, .fallback = "BC:24:11" },
	{ "timezone", PROP_TEXT, AT(settings, timezone), "Time zone of new containers.",
	  .format = &format_timezone },
	{ "unprivileged", PROP_BOOL, AT(settings, unprivileged),
	  "Whether new containers are unprivileged.", .fallback = "1",
	  .flags = PROP_REQUIRED },
	{ "onboot", PROP_BOOL, AT(settings, onboot),
	  "Whether new containers are meant to be started at boot.", .fallback = "0",
	  .flags = PROP_REQUIRED },
	{ "shutdown_timeout", PROP_INT, AT(settings, shutdown_timeout_s),
	  "Seconds that a shutdown may take.", .min = 0, .max = INT_MAX, .fallback = "60",
	  .flags = PROP_REQUIRED },
	{ 0 }
};

/* What iniparser complains about; its callback takes no context. */
static struct strbuf complaints = STRBUF_INIT;

/* "iniparser: syntax error in FILE (3):\n-> text\n" loses the library's name and the line
 * breaks. */
static PRINTF(1, 2) int add_complaint(const char *fmt, ...)
{
	static const char library[] = "iniparser: ";
	struct slice rest;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	rest = slice_trim(slice(text));
	if (slice_starts(rest, library))
		rest = slice_from(rest, strlen(library));
	strbuf_addf(&complaints, "%s" SLICE_FMT, complaints.len ? "; " : "",
		    SLICE_ARG(rest));
	return 0;
}

/* One warning in one line. */
static void warn_complaints(struct notes *warnings)
{
	auto_free char *text = strbuf_take(&complaints);

	notes_add(warnings, "%s - using built-in settings", text);
}

/* The number of the last line that sets this key of this section; 0: not found. */
static unsigned line_of(struct slice text, const char *section, const char *key)
{
	unsigned number = 0, found = 0;
	bool inside = section[0] == '\0';
	struct slice line, rest;

	while (slice_line(&text, &line)) {
		line = slice_trim(line);
		number++;
		if (slice_starts(line, "[")) {
			line = slice_trim(slice_cut(slice_from(line, 1), ']', &rest));
			inside = slice_is_nocase(line, section);
		} else if (inside &&
			   slice_is_nocase(slice_trim(slice_cut(line, '=', &rest)), key)) {
			found = number;
		}
	}
	return found;
}

static int check_value(const struct prop *row, struct slice value, struct strbuf *normal,
		       struct error *err)
{
	auto_problems struct problems problems = { 0 };
	struct slice text;

	if (prop_check(row, row->name, value, &problems, normal) == 0)
		return 0;
	text = slice_trim(slice(problems.at[0].text));
	return fail(err, 0, "%s: " SLICE_FMT, row->name, SLICE_ARG(text));
}

static int apply(struct settings *settings, const char *section, const char *key,
		 struct slice value, struct error *err)
{
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	const struct prop *row = strcmp(section, SECTION) == 0
					 ? prop_find(settings_props, slice(key))
					 : NULL;

	if (!row)
		return fail(err, 0, "unknown setting '%s' in section '%s'", key, section);
	if (value.len == 0 && !(row->flags & PROP_REQUIRED)) {
		view_set(row, settings, NULL);
		return 0;
	}
	if (check_value(row, value, &normal, err) < 0)
		return -1;
	view_set(row, settings, normal.at);
	return 0;
}

/* Entries of a dictionary are "section" or "section:key". */
static void apply_all(struct settings *settings, const dictionary *ini, const char *path,
		      struct slice text, struct notes *warnings)
{
	struct error err;

	for (ssize_t i = 0; i < (ssize_t)ini->size; i++) {
		const char *name = ini->key[i];
		const char *colon = name ? strchr(name, ':') : NULL;
		auto_free char *section = NULL;

		if (!colon)
			continue;
		section = xstrndup(name, (size_t)(colon - name));
		if (apply(settings, section, colon + 1, slice(ini->val[i]), &err) < 0)
			notes_add(warnings, "%s: line %u: %s", path,
				  line_of(text, section, colon + 1), err.text);
	}
}

/* 1: text has the file, 0: there is none. */
static int read_text(const char *path, struct strbuf *text, struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", path);
	if (read_all(fd, FILE_MAX, text, err) < 0)
		return fail_in(err, "%s", path);
	return 1;
}

static void load(struct settings *settings, const char *path, struct slice text,
		 struct notes *warnings)
{
	dictionary *ini;

	iniparser_set_error_callback(add_complaint);
	ini = iniparser_load(path);
	iniparser_set_error_callback(NULL);
	if (complaints.len)
		warn_complaints(warnings);
	else if (ini)
		apply_all(settings, ini, path, text, warnings);
	if (ini)
		iniparser_freedict(ini);
}

void settings_load(struct settings *settings, struct notes *warnings)
{
	auto_free char *path = path_in(PATH_ETC, "pct.conf");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;
	int found;

	view_init(settings_props, settings);
	found = read_text(path, &text, &err);
	if (found < 0)
		notes_add(warnings, "%s - using built-in settings", err.text);
	else if (found)
		load(settings, path, strbuf_slice(&text), warnings);
}

void settings_done(struct settings *settings)
{
	view_done(settings_props, settings);
}
