/*
 * The sections that the toolkit keeps inside files of the user, between two marker
 * lines (guest-setup.md 5.4). section_edit is a pure function; the marker texts are
 * known here alone.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/place.h"

#define SECTION_BEGIN "# --- BEGIN PVE ---"
#define SECTION_END   "# --- END PVE ---"

enum section_place {
	SECTION_APPEND,
	SECTION_PREPEND,
	SECTION_REPLACE, /* the section becomes the whole file */
};

enum section_flags {
	SECTION_DELETE = 1, /* without data, a file that is all section is removed */
};

enum section_result {
	SECTION_UNCHANGED,
	SECTION_WRITE, /* the new text is in *out */
	SECTION_REMOVE,
};

/*
 * Put data into the file's section. old.at NULL: the file is absent. A section begins
 * at the last BEGIN line in front of the first END line that has one (17, D5); only
 * this one is touched. Without data the marker lines stay as an empty pair (D4).
 */
enum section_result section_edit(struct slice old, struct slice data,
				 enum section_place place, unsigned flags,
				 struct strbuf *out);

/* section_edit on a guest's file; mode is that of a new one. */
int guest_edit_section(const struct guest_root *root, const char *path, struct slice data,
		       enum section_place place, unsigned flags, mode_t mode,
		       struct error *err);
