/* The subcommands of pvesm, one file each (storage.md 9.1), and what they share. */
#pragma once

#include "cli/command.h"
#include "storage/storage.h"

extern const struct command cmd_alloc;
extern const struct command cmd_free;
extern const struct command cmd_list;
extern const struct command cmd_path;
extern const struct command cmd_status;

/* Read storage.cfg; its warnings go to stderr. */
void load_storages(struct storages *storages);
