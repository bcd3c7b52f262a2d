#include "storage/cfg.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "config/volid.h"
#include "storage/properties.h"
#include "storage/type.h"

#define LOCAL_PATH "/var/lib/vz"

struct parser {
	const struct cfg_host *host;
	struct slice rest;
	unsigned line;
	const char *section; /* id of the section being read; NULL: none */
	struct notes *warnings;
};

static void complain(struct parser *parser, const char *text)
{
	if (parser->section)
		notes_add(parser->warnings, "file '%s' line %u (section '%s'): %s",
			  parser->host->file, parser->line, parser->section, text);
	else
		notes_add(parser->warnings, "file '%s' line %u: %s", parser->host->file,
			  parser->line, text);
}

/* The next line that is no comment. A carriage return belongs to the line's end. */
static bool next_line(struct parser *parser, struct slice *line)
{
	while (slice_line(&parser->rest, line)) {
		parser->line++;
		if (line->len && line->at[line->len - 1] == '\r')
			line->len--;
		if (!slice_starts(slice_trim(*line), "#"))
			return true;
	}
	return false;
}

static struct slice first_word(struct slice text)
{
	size_t len = 0;

	while (len < text.len && !is_space(text.at[len]))
		len++;
	return slice_of(text.at, len);
}

/* "TYPE: ID": true if the line has that shape, whatever the two are. */
static bool read_header(struct slice line, struct slice *type, struct slice *id)
{
	struct slice rest;

	*type = slice_cut(line, ':', &rest);
	if (!rest.at || type->len == 0 || first_word(*type).len != type->len)
		return false;
	*id = slice_trim(rest);
	return id->len > 0 && first_word(*id).len == id->len;
}

/* Check a value by its row; -1: it was reported and is not to be kept. */
static int check_value(struct parser *parser, const struct storage_prop *row,
		       const struct storage_type *type, struct slice value,
		       struct strbuf *normal)
{
	auto_problems struct problems problems = { 0 };
	auto_notes struct notes dropped = { 0 };
	auto_free char *text = NULL;
	struct error err;
	int status = prop_check(&row->prop, row->prop.name, value, &problems, normal);

	for (size_t i = 0; i < problems.count; i++) {
		free(text);
		text = xasprintf("%s: " SLICE_FMT, problems.at[i].name,
				 SLICE_ARG(slice_trim(slice(problems.at[i].text))));
		complain(parser, text);
	}
	if (status < 0)
		return -1;
	if (row->adjust && row->adjust(type, normal, &dropped, &err) < 0) {
		fail_in(&err, "%s", row->prop.name);
		complain(parser, err.text);
		return -1;
	}
	for (size_t i = 0; i < dropped.count; i++)
		complain(parser, dropped.text[i]);
	return 0;
}

/* Types that are not checked keep their text as it is. */
static void read_property(struct parser *parser, struct storage *st,
			  const struct storage_type *type, struct slice line)
{
	struct slice trimmed = slice_trim(line), name = first_word(trimmed);
	struct slice value = slice_trim(slice_from(trimmed, name.len));
	const struct storage_prop *row = storage_prop_find(type->kind, name);
	auto_strbuf struct strbuf normal = STRBUF_INIT;
	auto_free char *key = slice_dup(name);
	auto_free char *text = NULL;

	if (!row && type->kind != KIND_FOREIGN)
		text = xasprintf("unknown property '%s'", key);
	else if (keyvals_get(&st->props, key))
		text = xasprintf("property '%s' is there twice", key);
	else if (value.len == 0 && row && row->prop.type != PROP_BOOL)
		text = xasprintf("property '%s' has no value", key);
	if (text) {
		complain(parser, text);
		return;
	}
	if (value.len == 0)
		value = slice("1");
	if (!row)
		strbuf_add_slice(&normal, value);
	else if (check_value(parser, row, type, value, &normal) < 0)
		return;
	keyvals_set(&st->props, key, normal.at);
}

/* The lines up to the empty one; without a type they are skipped. */
static void read_body(struct parser *parser, struct storage *st,
		      const struct storage_type *type)
{
	struct slice line;

	while (next_line(parser, &line) && line.len > 0) {
		if (!type)
			continue;
		if (memchr(line.at, '\0', line.len))
			complain(parser, "line with a NUL byte is ignored");
		else if (!is_space(line.at[0]) || slice_trim(line).len == 0)
			complain(parser, "line is ignored, it holds no property");
		else
			read_property(parser, st, type, line);
	}
}

static bool names_node(const char *nodes, const char *node)
{
	struct slice list = slice(nodes), word;

	while (slice_word(&list, &word))
		if (slice_is(word, node))
			return true;
	return false;
}

/* What follows from the properties. */
static void derive(struct storage *st, const struct storage_type *type,
		   const struct cfg_host *host)
{
	const char *content = keyvals_get(&st->props, "content");
	const char *nodes = keyvals_get(&st->props, "nodes");
	const char *path = keyvals_get(&st->props, "path");
	auto_free char *usual = xasprintf("/mnt/pve/%s", st->id);

	st->type = storage_type_is_usable(type) ? type : NULL;
	st->type_name = xstrdup(type->name);
	st->content = content ? content_list(slice(content)) : type->default_content;
	st->disabled = storage_flag(st, "disable", false) ||
		       (nodes && !names_node(nodes, host->node));
	st->shared = type->always_shared || storage_flag(st, "shared", false);
	if (type->kind & (KIND_NFS | KIND_CIFS | KIND_CEPHFS) &&
	    (!path || strcmp(path, usual) == 0))
		st->path = xasprintf("%s%s", host->root, usual);
	else if (path)
		st->path = xstrdup(path);
}

static void storage_done(struct storage *st)
{
	free(st->id);
	free(st->type_name);
	free(st->path);
	keyvals_done(&st->props);
	*st = (struct storage){ 0 };
}

static struct storage *lookup(const struct storages *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].id, id) == 0)
			return &all->at[i];
	return NULL;
}

static void add(struct storages *all, const struct storage *st)
{
	all->at = xreallocarray(all->at, all->count + 1, sizeof(*all->at));
	all->at[all->count++] = *st;
}

/* Of two sections with one name the later one holds. */
static void keep(struct parser *parser, struct storages *out, const struct storage *st)
{
	struct storage *old = lookup(out, st->id);

	if (!old) {
		add(out, st);
		return;
	}
	complain(parser, "a section of this name came before, this one replaces it");
	storage_done(old);
	*old = *st;
}

const struct storage_type *cfg_find_type(struct slice name)
{
	auto_free char *text = slice_dup(name);

	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return strlen(text) == name.len ? storage_type_find(text) : NULL;
}

static void read_section(struct parser *parser, struct slice type_name, struct slice id,
			 struct storages *out)
{
	const struct storage_type *type = cfg_find_type(type_name);
	struct storage st = { .id = slice_dup(id) };
	auto_free char *text = NULL;
	const char *missing;

	parser->section = st.id;
	if (!type)
		text = xasprintf("section is skipped, type '" SLICE_FMT "' is unknown",
				 SLICE_ARG(type_name));
	else if (!storage_id_is_valid(id))
		text = xstrdup("section is skipped, this is no storage ID");
	if (text)
		complain(parser, text);
	read_body(parser, &st, text ? NULL : type);
	if (!text && (missing = storage_prop_missing(type->kind, &st.props)))
		complain(parser,
			 text = xasprintf("section is skipped, property '%s' is missing",
					  missing));
	if (text) {
		storage_done(&st);
	} else {
		if (strcmp(st.id, "local") == 0)
			keyvals_unset(&st.props, "nodes");
		derive(&st, type, parser->host);
		keep(parser, out, &st);
	}
	parser->section = NULL;
}

static struct storage built_in_local(const struct cfg_host *host)
{
	struct storage st = { .id = xstrdup("local") };

	keyvals_set(&st.props, "path", LOCAL_PATH);
	keyvals_set(&st.props, "content", "backup,images,iso,rootdir,snippets,vztmpl");
	keyvals_set(&st.props, "prune-backups", "keep-all=1");
	derive(&st, &storage_dir, host);
	free(st.path);
	st.path = xstrdup(host->vz);
	return st;
}

/* "local" is always there, of type dir, and at its own place (storage.md 2.3). */
static void ensure_local(const struct cfg_host *host, struct storages *out)
{
	struct storage *old = lookup(out, "local");

	if (!old) {
		struct storage st = built_in_local(host);
		add(out, &st);
	} else if (old->type != &storage_dir || (strcmp(old->path, LOCAL_PATH) != 0 &&
						 strcmp(old->path, host->vz) != 0)) {
		storage_done(old);
		*old = built_in_local(host);
	} else {
		free(old->path);
		old->path = xstrdup(host->vz);
	}
}

void cfg_parse_sections(struct slice text, const struct cfg_host *host,
			struct storages *out, struct notes *warnings)
{
	struct parser parser = { .host = host, .rest = text, .warnings = warnings };
	struct slice line, type, id;

	while (next_line(&parser, &line)) {
		if (line.len == 0)
			continue;
		if (read_header(line, &type, &id))
			read_section(&parser, type, id, out);
		else
			complain(&parser, "line is ignored, it belongs to no section");
	}
}

void cfg_parse(struct slice text, const struct cfg_host *host, struct storages *out,
	       struct notes *warnings)
{
	cfg_parse_sections(text, host, out, warnings);
	ensure_local(host, out);
}

bool cfg_next_section(struct slice *text, struct cfg_section *out)
{
	struct parser parser = { .rest = *text };
	const char *end = text->at + text->len;
	struct cfg_section section;
	struct slice line;
	bool found = false;

	while (!found && next_line(&parser, &line))
		found = line.len && read_header(line, &section.type, &section.id);
	if (!found)
		return false;
	section.text = line;
	do {
		section.text.len = (size_t)(line.at + line.len - section.text.at);
	} while (next_line(&parser, &line) && line.len > 0);
	*text = parser.rest.at ? parser.rest : slice_of(end, 0);
	*out = section;
	return true;
}

void storages_done(struct storages *storages)
{
	for (size_t i = 0; i < storages->count; i++)
		storage_done(&storages->at[i]);
	free(storages->at);
	*storages = (struct storages){ 0 };
}
