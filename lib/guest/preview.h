/*
 * What a record would change, as text: the unified diff that git would print, with its
 * extended header for new and deleted files, modes and links.
 */
#pragma once

#include "base/strbuf.h"
#include "guest/place.h"

/* Compare the entries with what root has now; what is the same already is left out. */
void preview_add(const struct guest_root *root, const struct record *record,
		 struct strbuf *out);
