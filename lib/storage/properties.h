/*
 * The properties of storage.cfg: one row each, with the types that may and those that
 * must have it (storage.md 2.4, 2.5), and the views of its property strings. Pure
 * functions.
 */
#pragma once

#include "base/notes.h"
#include "config/prop.h"
#include "storage/type.h"

struct storage_prop {
	struct prop prop;
	unsigned types;    /* KIND_...: may have it */
	unsigned required; /* KIND_...: must have it */
	unsigned filled;   /* KIND_...: as required, but add knows a value */
	unsigned fixed;    /* KIND_...: settable at creation only; beside those two */
	bool word;         /* written as a bare word, first, and only if it is true */
	bool secret;       /* kept in a file of its own, never in storage.cfg */
	/*
	 * A further check that depends on the type. *normal holds the checked value and
	 * may be changed; what is dropped from it goes to dropped as a sentence.
	 */
	int (*adjust)(const struct storage_type *type, struct strbuf *normal,
		      struct notes *dropped, struct error *err);
};

extern const struct storage_prop storage_props[]; /* { 0 } at the end */

/* The row if a storage of this kind may have such a property, else NULL. */
const struct storage_prop *storage_prop_find(enum storage_kind kind, struct slice name);

/* Settable at creation only (storage.md 2.4): required, or fixed although optional. */
bool storage_prop_is_fixed(const struct storage_prop *row, enum storage_kind kind);

/* It stands in every section of such a storage, before the optional ones. */
bool storage_prop_is_required(const struct storage_prop *row, enum storage_kind kind);

/*
 * The name of a property that a storage of this kind needs and props lack; NULL: none.
 */
const char *storage_prop_missing(enum storage_kind kind, const struct keyvals *props);

/* content-dirs: relative directories that replace those of storage.md 3. */
struct content_dirs {
	char *images, *rootdir, *vztmpl, *iso, *backup, *snippets, *import;
};
extern const struct prop content_dirs_props[];

/* A yes-or-no property; fallback when it is not set. */
bool storage_flag(const struct storage *st, const char *name, bool fallback);

/* A path without double slashes and without one at its end; the caller frees it. */
char *path_normalise(struct slice path);
