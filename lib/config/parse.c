#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "config/config.h"
#include "config/raw.h"
#include "config/section.h"

#define RUNTIME_ENV "lxc.environment.runtime"
#define SHOWN_MAX   2000 /* longer lines are cut in warnings */

/* The section that lines go to, and its description as far as it was read. */
struct reader {
	struct config *config;
	struct notes *warnings;
	struct section *section;
	struct strbuf description;
};

/* Text of the file in a warning: no control characters, which may fool terminals. */
static char *shown(struct slice text)
{
	size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
	char *copy = xmalloc(len + sizeof("..."));

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		copy[i] =
			(c < ' ' && c != '\t' && c != '\n') || c == 0x7f ? '?' : text.at[i];
	}
	strcpy(copy + len, len < text.len ? "..." : "");
	return copy;
}

static void warn_line(struct reader *reader, struct slice line)
{
	auto_free char *text = shown(line);

	notes_add(reader->warnings, "vm %u - unable to parse config: %s",
		  reader->config->vmid, text);
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Finish the present section: what was collected for it goes where it belongs. */
static void end_section(struct reader *reader)
{
	struct section *section = reader->section;

	if (reader->description.len)
		section->description = strbuf_take(&reader->description);
	keyvals_sort(&section->keys);
	if (section->snapstate)
		keyvals_unset(&section->keys, "snapstate");
}

/* A header that comes again replaces what its section had. */
static void start_pending(struct reader *reader)
{
	end_section(reader);
	reader->section = &reader->config->pending;
	section_done(reader->section);
	reader->section->name = xstrdup("pve:pending");
}

static void start_snapshot(struct reader *reader, struct slice name)
{
	end_section(reader);
	reader->section = config_add_snapshot(reader->config, name);
}

/* [a-z][a-z0-9_-]+ in any case */
static bool is_snapshot_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = (char)(name.at[i] | 0x20);

		if (!is_lower(c) && (i == 0 || (!is_digit(name.at[i]) &&
						name.at[i] != '_' && name.at[i] != '-')))
			return false;
	}
	return name.len >= 2;
}

static bool is_header(struct slice line, struct slice *name)
{
	struct slice trimmed = slice_trim(line);

	if (!slice_starts(line, "[") || !slice_ends(trimmed, "]"))
		return false;
	*name = slice_of(trimmed.at + 1, trimmed.len - 2);
	return slice_is_nocase(*name, "pve:pending") || is_snapshot_name(*name);
}

static bool read_header(struct reader *reader, struct slice line)
{
	struct slice name;

	if (!is_header(line, &name))
		return false;
	if (slice_is_nocase(name, "pve:pending"))
		start_pending(reader);
	else
		start_snapshot(reader, name);
	return true;
}

static bool read_comment(struct reader *reader, struct slice line)
{
	if (!slice_starts(line, "#"))
		return false;
	description_decode(slice_from(line, 1), &reader->description);
	strbuf_addc(&reader->description, '\n');
	return true;
}

/* The key of "lxc.<x>:" or "lxc.<x> ="; empty for other lines. */
static struct slice raw_key(struct slice line, struct slice *value)
{
	size_t len = strlen("lxc."), end;

	if (!slice_starts(line, "lxc."))
		return slice_of(NULL, 0);
	while (len < line.len && (is_lower(line.at[len]) || is_digit(line.at[len]) ||
				  memchr("_.-", line.at[len], 3)))
		len++;
	for (end = len; end < line.len && is_space(line.at[end]);)
		end++;
	if (len == strlen("lxc.") || end == line.len ||
	    (line.at[end] != '=' && (line.at[end] != ':' || end > len)))
		return slice_of(NULL, 0);
	*value = slice_trim(slice_from(line, end + 1));
	return slice_of(line.at, len);
}

static void warn_raw(struct reader *reader, struct slice key, const char *note)
{
	notes_add(reader->warnings, "vm %u - " SLICE_FMT ": %s", reader->config->vmid,
		  SLICE_ARG(key), note);
}

static bool read_raw(struct reader *reader, struct slice line)
{
	auto_strbuf struct strbuf note = STRBUF_INIT;
	struct slice value = { 0 };
	struct slice key = raw_key(line, &value);

	if (key.len == 0)
		return false;
	switch (raw_check(key, &note)) {
	case RAW_UNKNOWN: warn_line(reader, line); return true;
	case RAW_REFUSED: warn_raw(reader, key, note.at); return true;
	case RAW_WARNED: warn_raw(reader, key, note.at); break;
	case RAW_ACCEPTED: break;
	}
	if (slice_is(key, RUNTIME_ENV))
		section_add_env(reader->section, value);
	else
		section_add_raw(reader->section, key, value);
	return true;
}

/* "name:" and its value without blanks around; false when there is none. */
static bool read_field(struct slice line, const char *name, struct slice *value)
{
	if (!slice_starts(line, name))
		return false;
	*value = slice_trim(slice_from(line, strlen(name)));
	return value->len > 0;
}

static bool read_description(struct reader *reader, struct slice line)
{
	struct slice value;

	if (!read_field(line, "description:", &value))
		return false;
	description_decode(value, &reader->description);
	return true;
}

static bool read_snapstate(struct reader *reader, struct slice line)
{
	struct section *section = reader->section;
	const char *found = memmem(line.at, line.len, "snapstate:", strlen("snapstate:"));
	struct slice value;

	if (!found)
		return false;
	value = slice_of(found, line.len - (size_t)(found - line.at));
	if (!read_field(value, "snapstate:", &value) ||
	    (!slice_is(value, "prepare") && !slice_is(value, "delete")))
		return false;
	if (section != &reader->config->main) {
		free(section->snapstate);
		section->snapstate = slice_dup(value);
	}
	return true;
}

static void add_key(struct reader *reader, struct slice key, struct slice value)
{
	keyvals_append(&reader->section->keys, slice_dup(key), slice_dup(value));
}

static bool read_delete(struct reader *reader, struct slice line)
{
	struct slice value;

	if (!read_field(line, "delete:", &value))
		return false;
	if (reader->section == &reader->config->pending)
		add_key(reader, slice("delete"), value);
	else
		notes_add(reader->warnings,
			  "vm %u - property 'delete' is only allowed in [pve:pending]",
			  reader->config->vmid);
	return true;
}

/* The key [a-z][a-z_]*[0-9]* before ':' and what follows; empty for other lines. */
static struct slice plain_key(struct slice line, struct slice *rest)
{
	size_t len = 0;

	while (len < line.len && (is_lower(line.at[len]) || (len && line.at[len] == '_')))
		len++;
	if (len == 0)
		return slice_of(NULL, 0);
	while (len < line.len && is_digit(line.at[len]))
		len++;
	if (len == line.len || line.at[len] != ':')
		return slice_of(NULL, 0);
	*rest = slice_from(line, len + 1);
	return slice_of(line.at, len);
}

/* The value to keep: the normal form, or the text as it is, with a warning. */
static void check_value(struct reader *reader, struct slice key, struct slice value,
			struct strbuf *normal)
{
	const struct prop *row = prop_find(container_props, key);
	auto_free char *name = NULL, *reason = NULL;
	struct error err;

	if (row && prop_check_weak(row, value, normal, &err) == 0)
		return;
	name = slice_dup(key);
	if (!row)
		fail(&err, 0, "unknown setting '%s'", name);
	reason = shown(slice(err.text));
	notes_add(reader->warnings, "vm %u - unable to parse value of '%s' - %s",
		  reader->config->vmid, name, reason);
	strbuf_add_slice(normal, value);
}

static bool read_key(struct reader *reader, struct slice line)
{
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	struct slice rest = { 0 }, value;
	struct slice key = plain_key(line, &rest);

	if (key.len == 0 || rest.len == 0)
		return false;
	value = slice_trim(rest);
	/* Of blanks alone one is the value, as the usual reader has it; a CR would be taken
	 * for a part of the line's end when it is read again. */
	if (value.len == 0)
		value = slice_ends(rest, "\r") ? slice(" ")
					       : slice_of(rest.at + rest.len - 1, 1);
	check_value(reader, key, value, &normal);
	if (slice_is(key, "env")) {
		section_add_env(reader->section, slice_trim(strbuf_slice(&normal)));
		return true;
	}
	if (slice_is(key, "snapstate")) {
		free(reader->section->snapstate);
		reader->section->snapstate = NULL;
	}
	add_key(reader, key, strbuf_slice(&normal));
	return true;
}

/* The kinds of lines, in the order in which they are tried. */
static bool (*const line_readers[])(struct reader *reader, struct slice line) = {
	read_header,    read_comment, read_raw, read_description,
	read_snapstate, read_delete,  read_key,
};

static void read_line(struct reader *reader, struct slice line)
{
	if (slice_trim(line).len == 0)
		return;
	/* Values are C strings; only a comment can say what it has behind a NUL. */
	if (!slice_starts(line, "#") && memchr(line.at, '\0', line.len)) {
		warn_line(reader, line);
		return;
	}
	for (size_t i = 0; i < sizeof(line_readers) / sizeof(line_readers[0]); i++)
		if (line_readers[i](reader, line))
			return;
	warn_line(reader, line);
}

static struct slice without_cr(struct slice line)
{
	return slice_ends(line, "\r") ? slice_of(line.at, line.len - 1) : line;
}

/* Where the main section ends: at the first header, or with the text. */
static struct slice main_part(struct slice text)
{
	struct slice rest = text, line, name;

	while (slice_line(&rest, &line))
		if (is_header(line, &name))
			return slice_of(text.at, (size_t)(line.at - text.at));
	return text;
}

/* As read_line, and its warnings get the line's number. */
static void read_numbered(struct reader *reader, struct slice line, unsigned number)
{
	size_t before = reader->warnings ? reader->warnings->count : 0;
	auto_free char *place = NULL;

	read_line(reader, line);
	if (!reader->warnings || reader->warnings->count == before)
		return;
	place = xasprintf("%u.conf:%u", reader->config->vmid, number);
	notes_place(reader->warnings, before, place);
}

struct config *config_parse(struct slice text, unsigned vmid, struct notes *warnings)
{
	struct config *config = config_new(vmid);
	struct reader reader = { .config = config,
				 .warnings = warnings,
				 .section = &config->main,
				 .description = STRBUF_INIT };
	struct slice line;

	for (unsigned number = 1; slice_line(&text, &line); number++)
		read_numbered(&reader, without_cr(line), number);
	end_section(&reader);
	config_sort_snapshots(config);
	return config;
}

struct config *config_parse_main(struct slice text, unsigned vmid, struct notes *warnings)
{
	return config_parse(main_part(text), vmid, warnings);
}
