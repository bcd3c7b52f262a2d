/* The subcommands of pveam, one file each (templates.md 4), and what they share. */
#pragma once

#include "cli/command.h"
#include "storage/volume.h"

extern const struct command cmd_available;
extern const struct command cmd_build;
extern const struct command cmd_list;
extern const struct command cmd_remove;

/* Read storage.cfg; its warnings go to stderr. */
void load_storages(struct storages *storages);
