/*
 * Building sections of a container's file; for the reader and the model alone, other
 * rooms use config.h. Pure functions.
 */
#pragma once

#include "config/config.h"

void section_done(struct section *section);

/* All that from has; to is empty but for its name. */
void section_copy(struct section *to, const struct section *from);
void section_add_raw(struct section *section, struct slice key, struct slice value);

/* An empty section at the end of the snapshots; pointers to others become invalid. */
struct section *config_add_snapshot(struct config *config, struct slice name);

/* Bytewise by name; of sections with one name the last one stays. */
void config_sort_snapshots(struct config *config);
