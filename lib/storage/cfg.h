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
};

/*
 * Add the sections of text in their order to out, then see to "local" (storage.md 2.3).
 * Bad lines never stop it: each becomes a warning with file, line and section.
 */
void cfg_parse(struct slice text, const struct cfg_host *host, struct storages *out,
	       struct notes *warnings);
