/*
 * The properties of storage.cfg: one row each, with the types that may and those that
 * must have it (storage.md 2.4, 2.5), and the views of its property strings. Pure
 * functions.
 */
#pragma once

#include "base/notes.h"
#include "config/prop.h"
#include "storage/storage.h"

struct storage_prop {
	struct prop prop;
	unsigned types;    /* KIND_...: may have it */
	unsigned required; /* KIND_...: must have it */
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

/*
 * The name of a property that a storage of this kind needs and props lack; NULL: none.
 */
const char *storage_prop_missing(enum storage_kind kind, const struct keyvals *props);

/* content-dirs: relative directories that replace those of storage.md 3. */
struct content_dirs {
	char *images, *rootdir, *vztmpl, *iso, *backup, *snippets, *import;
};
extern const struct prop content_dirs_props[];

/* A path without double slashes and without one at its end; the caller frees it. */
char *path_normalise(struct slice path);
