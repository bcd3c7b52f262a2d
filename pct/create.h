/* The options that create and restore have in common, and what they fill. */
#pragma once

#include <limits.h>

#include "pct.h"

struct create_options {
	long long vmid;
	char *ostemplate, *storage, *password, *ssh_keys, *pool;
	int start, ignore_unpack_errors, ha_managed, force, unique, restore;
	double bwlimit;
	/* What the early checks found out: one of the two. */
	struct creation *creation;
	struct restoration *restoration;
};

/* The last row of the list is the caller's: { 0 }. */
/* clang-format off */
#define CREATE_OPTIONS                                                                      \
	{ .name = "storage", .type = PROP_TEXT, .offset = AT(create_options, storage),      \
	  .help = "Storage for volumes that are given by size only.",                       \
	  .fallback = "local", .format = &format_storage_id, .type_text = "<storage ID>",   \
	  .offers = OFFER_CT_STORAGE },                                                     \
	{ .name = "password", .type = PROP_TEXT, .offset = AT(create_options, password),    \
	  .help = "Root password inside the container; asked for when no value is given. "  \
		  "A restored one keeps its own.",                                          \
	  .min = 5, .flags = PROP_VALUE_OPTIONAL, .type_text = "<password>" },              \
	{ .name = "ssh-public-keys", .type = PROP_TEXT,                                     \
	  .offset = AT(create_options, ssh_keys),                                           \
	  .help = "File with public SSH keys for root, one per line in OpenSSH format. A "  \
		  "restored container keeps its own.",                                      \
	  .flags = PROP_FILE },                                                             \
	{ .name = "start", .type = PROP_BOOL, .offset = AT(create_options, start),          \
	  .help = "Start the container after it was created.", .fallback = "0" },           \
	{ .name = "ignore-unpack-errors", .type = PROP_BOOL,                                \
	  .offset = AT(create_options, ignore_unpack_errors),                               \
	  .help = "Go on when the archive cannot be unpacked without errors." },            \
	{ .name = "bwlimit", .type = PROP_NUMBER, .offset = AT(create_options, bwlimit),    \
	  .help = "Read the archive with at most this many KiB/s; 0 is no limit. For a "    \
		  "restore the storages' own limits hold without it.",                      \
	  .max = LLONG_MAX },                                                               \
	{ .name = "force", .type = PROP_BOOL, .offset = AT(create_options, force),          \
	  .help = "Restore over a container of that id, whose volumes are removed when "    \
		  "the new one is complete." },                                             \
	{ .name = "pool", .type = PROP_TEXT, .offset = AT(create_options, pool),            \
	  .help = "Pool of a cluster that the container joins.",                            \
	  .pattern = "[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}", .type_text = "<string>" },   \
	{ .name = "ha-managed", .type = PROP_BOOL, .offset = AT(create_options, ha_managed), \
	  .help = "Let the high availability of a cluster manage the container.",           \
	  .fallback = "0" }
/* clang-format on */
#define UNIQUE_HELP "Give the restored interfaces new random MAC addresses."

/* .check, .run and .release of both commands. */
int create_check(struct call *call, struct error *err);
int create_run(struct call *call, struct error *err);
void create_release(void *held);

int restore_check(struct call *call, struct error *err);
