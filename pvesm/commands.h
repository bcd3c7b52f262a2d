/* The subcommands of pvesm, one file each (storage.md 9.1), and what they share. */
#pragma once

#include "cli/command.h"
#include "storage/volume.h"

extern const struct command cmd_add;
extern const struct command cmd_alloc;
extern const struct command cmd_apiinfo;
extern const struct command cmd_cifsscan;
extern const struct command cmd_export;
extern const struct command cmd_extractconfig;
extern const struct command cmd_free;
extern const struct command cmd_import;
extern const struct command cmd_iscsiscan;
extern const struct command cmd_list;
extern const struct command cmd_lvmscan;
extern const struct command cmd_lvmthinscan;
extern const struct command cmd_nfsscan;
extern const struct command cmd_path;
extern const struct command cmd_prune;
extern const struct command cmd_remove;
extern const struct command cmd_scan;
extern const struct command cmd_set;
extern const struct command cmd_status;
extern const struct command cmd_zfsscan;

/* The usual first positional; the struct's member storage is a char *. */
#define STORAGE_ARG(holder)                                                          \
	{                                                                            \
		.name = "storage", .type = PROP_TEXT, .offset = AT(holder, storage), \
		.help = "The storage identifier.", .type_text = "<storage ID>",      \
		.format = &format_storage_id, .flags = PROP_REQUIRED,                \
		.offers = OFFER_STORAGE                                              \
	}

/* Read storage.cfg; its warnings go to stderr. */
void load_storages(struct storages *storages);
