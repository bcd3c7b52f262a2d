/*
 * The text of storage.cfg (storage.md 2.1-2.5) as storages. Pure: it reads no file,
 * and the host's facts come in as arguments.
 */
#pragma once

#include "base/notes.h"
#include "storage/storage.h"

struct cfg_host {
	const char *file; /* how warnings call the text: "/etc/pve/storage.cfg" */
	const char *node; /* name of this node */
	const char *vz;   /* base directory of "local" on this host */
	const char *root; /* what stands before "/mnt/pve/<id>", where shares are mounted */
};

/*
 * The sections of text as a writer finds them, one after the other; false at the end. What
 * is no section is passed over. Advances *text.
 */
struct cfg_section {
	struct slice type, id; /* as written */
	struct slice text;     /* the whole section, without the empty line behind it */
};
bool cfg_next_section(struct slice *text, struct cfg_section *out);

/* As cfg_parse, without "local" unless it is in the text. */
void cfg_parse_sections(struct slice text, const struct cfg_host *host,
			struct storages *out, struct notes *warnings);

/* The type that a header names, in any case; NULL: none. */
const struct storage_type *cfg_find_type(struct slice name);

/*
 * Add the sections of text in their order to out, then see to "local" (storage.md 2.3).
 * Bad lines never stop it: each becomes a warning with file, line and section.
 */
void cfg_parse(struct slice text, const struct cfg_host *host, struct storages *out,
	       struct notes *warnings);
