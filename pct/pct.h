/*
 * The subcommands of pct, one file each: read options, call one verb of lib/ct, print
 * the result.
 */
#pragma once

#include "cli/command.h"
#include "cli/output.h"
#include "ct/ct.h"

extern const struct command cmd_clone;
extern const struct command cmd_create;
extern const struct command cmd_destroy;
extern const struct command cmd_list;
extern const struct command cmd_fsck;
extern const struct command cmd_fstrim;
extern const struct command cmd_mount;
extern const struct command cmd_move_volume;
extern const struct command cmd_pull;
extern const struct command cmd_push;
extern const struct command cmd_rescan;
extern const struct command cmd_resize;
extern const struct command cmd_restore;
extern const struct command cmd_pending;
extern const struct command cmd_config;
extern const struct command cmd_set;
extern const struct command cmd_setup;
extern const struct command cmd_delsnapshot;
extern const struct command cmd_listsnapshot;
extern const struct command cmd_rollback;
extern const struct command cmd_snapshot;
extern const struct command cmd_reboot;
extern const struct command cmd_shutdown;
extern const struct command cmd_start;
extern const struct command cmd_stop;
extern const struct command cmd_console;
extern const struct command cmd_cpusets;
extern const struct command cmd_df;
extern const struct command cmd_enter;
extern const struct command cmd_exec;
extern const struct command cmd_generate;
extern const struct command cmd_status;
extern const struct command cmd_template;
extern const struct command cmd_unlock;
extern const struct command cmd_unmount;

/* Commands whose only argument is the container. */
struct vmid_options {
	long long vmid;
};
extern const struct prop vmid_args[];

/* Commands that read one container in any output format: their args and options. */
struct read_options {
	long long vmid;
	char *format;
};
extern const struct prop read_args[], read_options[];

/*
 * For .run of those: print what text adds, or in another format than text the tree that
 * the other one makes.
 */
int print_read(const struct read_options *opt,
	       int (*text)(unsigned vmid, struct strbuf *out, struct error *err),
	       int (*tree)(unsigned vmid, struct json_t **out, struct error *err),
	       struct error *err);

/*
 * The positional behind VMID_ARG in commands for snapshots: a new name, or one of those
 * that the container has; the struct's member snapname is a char *.
 */
#define SNAPNAME_ARG(holder)                                                            \
	{                                                                               \
		.name = "snapname", .type = PROP_TEXT, .offset = AT(holder, snapname),  \
		.help = "The name of the snapshot.", .max = 40, .flags = PROP_REQUIRED, \
		.format = &format_config_id                                             \
	}
#define OLD_SNAPNAME_ARG(holder)                                                        \
	{                                                                               \
		.name = "snapname", .type = PROP_TEXT, .offset = AT(holder, snapname),  \
		.help = "The name of the snapshot.", .max = 40, .flags = PROP_REQUIRED, \
		.format = &format_config_id, .offers = OFFER_SNAPSHOT                   \
	}

/* rootfs and mp0 to mp255: choices of commands that work on one volume. */
extern const char *const volume_keys[];

/* The same and unused0 to unused255. */
extern const char *const all_volume_keys[];

/* push and pull: the options, and what they fill. */
struct transfer_options {
	long long vmid;
	char *from, *to, *user, *group, *perms;
};
#define TRANSFER_OPTIONS(where)                                                            \
	{ .name = "user",                                                                  \
	  .type = PROP_TEXT,                                                               \
	  .offset = AT(transfer_options, user),                                            \
	  .help = "Owner of the file: a number, or a name " where ".",                     \
	  .type_text = "<string>" },                                                       \
		{ .name = "group",                                                         \
		  .type = PROP_TEXT,                                                       \
		  .offset = AT(transfer_options, group),                                   \
		  .help = "Group of the file: a number, or a name " where ".",             \
		  .type_text = "<string>" },                                               \
	{                                                                                  \
		.name = "perms", .type = PROP_TEXT, .offset = AT(transfer_options, perms), \
		.help = "Mode of the file: octal, or hexadecimal with 0x.",                \
		.type_text = "<string>"                                                    \
	}

/* The row of one of their two files, and what they ask of ct. */
#define TRANSFER_FILE(title, member, text)                                                \
	{                                                                                 \
		.name = title, .type = PROP_TEXT, .offset = AT(transfer_options, member), \
		.help = text, .type_text = "<string>", .flags = PROP_REQUIRED             \
	}
struct transfer_request transfer_of(const struct call *call);

/* For .check: the container that the positional vmid names has a configuration file. */
int check_exists(struct call *call, struct error *err);

/* Seconds from an option; more than an int can hold is the same as without end. */
unsigned timeout_of(long long seconds);
