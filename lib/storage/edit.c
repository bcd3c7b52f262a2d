#include "storage/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"
#include "config/volid.h"
#include "storage/properties.h"

/* Writing */

/* Lists are joined by commas, whatever they were separated by. */
static void add_list(struct slice list, struct strbuf *out)
{
	struct slice word;
	bool first = true;

	while (slice_word(&list, &word)) {
		strbuf_addf(out, "%s" SLICE_FMT, first ? "" : ",", SLICE_ARG(word));
		first = false;
	}
}

static int compare_words(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The parts of a property string, in the order of their names. */
static void add_sorted(struct slice list, struct strbuf *out)
{
	auto_words char **words = NULL;
	struct slice word;
	size_t count = 0;

	while (slice_word(&list, &word)) {
		words = xreallocarray(words, count + 2, sizeof(*words));
		words[count++] = slice_dup(word);
		words[count] = NULL;
	}
	if (count)
		qsort(words, count, sizeof(*words), compare_words);
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "%s%s", i ? "," : "", words[i]);
}

static void add_property(const struct storage_prop *row, const char *value,
			 struct strbuf *out)
{
	strbuf_addf(out, "\t%s ", row->prop.name);
	if (row->prop.flags & PROP_LIST)
		add_list(slice(value), out);
	else if (row->prop.members == content_dirs_props)
		add_sorted(slice(value), out);
	else
		strbuf_adds(out, value);
	strbuf_addc(out, '\n');
}

/* The rows are in alphabetical order. */
static void add_properties(const struct storage_type *type, const struct keyvals *props,
			   bool required, struct strbuf *out)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		const char *value = keyvals_get(props, row->prop.name);

		if (value && !row->word &&
		    storage_prop_is_required(row, type->kind) == required)
			add_property(row, value, out);
	}
}

void cfg_format_section(const struct storage_type *type, const char *id,
			const struct keyvals *props, struct strbuf *out)
{
	strbuf_addf(out, "%s: %s\n", type->name, id);
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		const char *value = keyvals_get(props, row->prop.name);

		if (row->word && value && bool_parse(slice(value)) > 0)
			strbuf_addf(out, "\t%s\n", row->prop.name);
	}
	add_properties(type, props, true, out);
	add_properties(type, props, false, out);
}

static const struct storage *lookup(const struct storages *all, struct slice id)
{
	for (size_t i = 0; i < all->count; i++)
		if (slice_is(id, all->at[i].id))
			return &all->at[i];
	return NULL;
}

/* The type of a section that is written anew; NULL: it keeps its text. */
static const struct storage_type *checked_type(const struct storage *st)
{
	const struct storage_type *type = st ? storage_type_find(st->type_name) : NULL;

	return type && type->kind != KIND_FOREIGN ? type : NULL;
}

/* One section that stays, or what it becomes: props NULL as it is. */
static void write_section(const struct cfg_section *section, const struct storage *st,
			  const struct keyvals *props, struct strbuf *out)
{
	const struct storage_type *type = checked_type(st);

	if (type) {
		cfg_format_section(type, st->id, props ? props : &st->props, out);
		strbuf_addc(out, '\n');
	} else {
		strbuf_add_slice(out, section->text);
		strbuf_adds(out, "\n\n");
	}
}

/* Of two sections with one name the first place and the last content hold. */
static bool came_before(struct slice text, const struct cfg_section *section)
{
	struct cfg_section other;

	while (cfg_next_section(&text, &other) && other.text.at != section->text.at)
		if (cfg_find_type(other.type) && other.id.len == section->id.len &&
		    memcmp(other.id.at, section->id.at, other.id.len) == 0)
			return true;
	return false;
}

/*
 * The whole file, with the section id holding props, or gone if props is NULL. The last
 * one is new if it has no section yet.
 */
static void write_file(struct slice text, const struct storages *all, const char *id,
		       const struct keyvals *props, struct strbuf *out)
{
	struct slice rest = text;
	struct cfg_section section;
	bool is_written = false;

	while (cfg_next_section(&rest, &section)) {
		const struct storage *st =
			cfg_find_type(section.type) ? lookup(all, section.id) : NULL;
		bool changes = st && id && strcmp(st->id, id) == 0;

		if (checked_type(st) && came_before(text, &section))
			continue;
		if (!changes)
			write_section(&section, st, NULL, out);
		else if (props)
			write_section(&section, st, props, out);
		is_written |= changes;
	}
	if (props && !is_written) {
		cfg_format_section(lookup(all, slice(id))->type, id, props, out);
		strbuf_addc(out, '\n');
	}
}

/* Checking */

static int check_value(const struct storage_type *type, const struct storage_prop *row,
		       const char *value, struct strbuf *normal, struct notes *notes,
		       struct error *err)
{
	auto_problems struct problems problems = { 0 };
	auto_notes struct notes dropped = { 0 };
	auto_free char *before = NULL;

	if (prop_check(&row->prop, row->prop.name, slice(value), &problems, normal) < 0)
		return fail(err, 0, "%s: " SLICE_FMT, problems.at[0].name,
			    SLICE_ARG(slice_trim(slice(problems.at[0].text))));
	before = xstrdup(normal->at);
	if (row->adjust && row->adjust(type, normal, &dropped, err) < 0)
		return fail_in(err, "%s", row->prop.name);
	for (size_t i = 0; i < dropped.count; i++) {
		if (strcmp(before, normal->at) != 0)
			return fail(err, 0, "%s: %s", row->prop.name, dropped.text[i]);
		notes_add(notes, "%s", dropped.text[i]);
	}
	return 0;
}

int cfg_check_values(const struct storage_type *type, const struct keyvals *values,
		     struct keyvals *props, struct notes *notes, struct error *err)
{
	for (size_t i = 0; i < values->count; i++) {
		const char *name = values->at[i].key;
		const struct storage_prop *row = storage_prop_find(type->kind, slice(name));
		auto_strbuf struct strbuf normal = STRBUF_INIT;

		if (!row)
			return fail(err, 0, "unexpected property '%s'", name);
		if (check_value(type, row, values->at[i].value, &normal, notes, err) < 0)
			return -1;
		keyvals_set(props, name, normal.at);
	}
	return 0;
}

/* It is there without a section. */
static bool is_built_in(const char *id)
{
	return strcmp(id, "local") == 0;
}

int cfg_add(struct slice text, const struct cfg_host *host, const struct storage_type *type,
	    const char *id, const struct keyvals *values, struct strbuf *out,
	    struct notes *notes, struct error *err)
{
	auto_storages struct storages all = { 0 };
	auto_keyvals struct keyvals props = { 0 };
	const char *missing;

	cfg_parse_sections(text, host, &all, notes);
	if (!storage_id_is_valid(slice(id)))
		return fail(err, 0, "'%s' is no storage ID", id);
	if (lookup(&all, slice(id)) || is_built_in(id))
		return fail(err, 0, "storage ID '%s' already defined", id);
	if (cfg_check_values(type, values, &props, notes, err) < 0)
		return -1;
	missing = storage_prop_missing(type->kind, &props);
	if (missing)
		return fail(err, 0, "missing value for required option '%s'", missing);
	write_file(text, &all, NULL, NULL, out);
	cfg_format_section(type, id, &props, out);
	strbuf_addc(out, '\n');
	return 0;
}

static int delete_properties(const struct storage_type *type, const char *delete,
			     const struct keyvals *values, struct keyvals *props,
			     struct error *err)
{
	struct slice rest = slice(delete), word;

	while (slice_word(&rest, &word)) {
		const struct storage_prop *row = storage_prop_find(type->kind, word);
		auto_free char *name = slice_dup(word);

		if (!row)
			return fail(err, 0, "unexpected property '%s'", name);
		if (storage_prop_is_required(row, type->kind))
			return fail(err, 0, "unable to delete required option '%s'", name);
		if (storage_prop_is_fixed(row, type->kind))
			return fail(err, 0, "unable to delete fixed option '%s'", name);
		if (keyvals_get(values, name))
			return fail(err, 0,
				    "unable to set and delete '%s' at the same time", name);
		keyvals_unset(props, name);
	}
	return 0;
}

static int check_not_fixed(const struct storage_type *type, const struct keyvals *values,
			   struct error *err)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct storage_prop *row =
			storage_prop_find(type->kind, slice(values->at[i].key));

		if (row && storage_prop_is_fixed(row, type->kind))
			return fail(err, 0, "can't change value of fixed parameter '%s'",
				    row->prop.name);
	}
	return 0;
}

int cfg_set(struct slice text, const struct cfg_host *host, const char *id,
	    const struct keyvals *values, const char *delete, struct strbuf *out,
	    struct notes *notes, struct error *err)
{
	auto_storages struct storages all = { 0 };
	auto_keyvals struct keyvals props = { 0 };
	const struct storage_type *type;
	const struct storage *st;

	if (is_built_in(id))
		cfg_parse(text, host, &all, notes);
	else
		cfg_parse_sections(text, host, &all, notes);
	st = lookup(&all, slice(id));
	if (!st)
		return fail(err, 0, "storage '%s' does not exist", id);
	type = storage_type_find(st->type_name);
	if (type->kind == KIND_FOREIGN)
		return fail(err, 0, "storage '%s' is of type '%s', which is not supported",
			    id, type->name);
	keyvals_copy(&props, &st->props);
	if (check_not_fixed(type, values, err) < 0 ||
	    delete_properties(type, delete, values, &props, err) < 0 ||
	    cfg_check_values(type, values, &props, notes, err) < 0)
		return -1;
	write_file(text, &all, id, &props, out);
	return 0;
}

int cfg_remove(struct slice text, const struct cfg_host *host, const char *id,
	       struct strbuf *out, struct notes *notes, struct error *err)
{
	auto_storages struct storages all = { 0 };

	cfg_parse_sections(text, host, &all, notes);
	if (!lookup(&all, slice(id)))
		return fail(err, 0, "storage '%s' does not exist", id);
	for (size_t i = 0; i < all.count; i++) {
		const char *base = keyvals_get(&all.at[i].props, "base");
		struct slice rest;

		if (base && slice_is(slice_cut(slice(base), ':', &rest), id))
			return fail(err, 0, "storage '%s' is the base of storage '%s'", id,
				    all.at[i].id);
	}
	write_file(text, &all, id, NULL, out);
	return 0;
}
