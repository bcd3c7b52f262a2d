/*
 * The command line of all programs: command table, option grammar, errors, help,
 * exit statuses (pct-cli.md 1-3). A program is a list of struct command and one call
 * of cli_main.
 */
#pragma once

#include "base/error.h"
#include "config/format.h"
#include "config/keyvals.h"
#include "config/prop.h"
#include "config/store.h"

/* Exit statuses (pct-cli.md 1.2); exec and enter pass the guest's on. */
enum cli_status {
	CLI_OK = 0,
	CLI_NO_CONFIG = 2, /* a synchronous command found no configuration file */
	CLI_FAILED = 255,
};

struct call; /* what the user typed, checked */

enum command_flags {
	CMD_WORKER = 1,      /* runs in a child, stderr on stdout (worker.h) */
	CMD_CONFIG_KEYS = 2, /* every container key is an option too */
	CMD_HIDDEN = 4,      /* not in usage and help */
	CMD_MANY = 8,        /* works on several containers, too (MANY_ARG, many.h) */
	CMD_RUNNING = 16,    /* for running containers: completion offers only those */
	CMD_STOPPED = 32,    /* for stopped ones */
};

struct command {
	const char *name;
	const char *alias;       /* accepted only in full; or NULL */
	unsigned group;          /* of the usage list, 1.. */
	const char *help;        /* one or more sentences for "help" */
	const struct prop *args; /* positional rows in order: PROP_REQUIRED, PROP_EXTRA */
	const struct prop *options; /* own options; rows end with { 0 } */
	size_t options_size;        /* of the struct that args and options point into */
	unsigned flags;
	/* What can be refused before the worker starts; or NULL. */
	int (*check)(struct call *call, struct error *err);
	/* The work. Returns 0, or -1 with err; may set call->status on success. */
	int (*run)(struct call *call, struct error *err);
	/* Frees what check put into the options besides the rows' fields; or NULL. */
	void (*release)(void *options);
};

struct call {
	const struct program *program;
	const struct command *command;
	void *options;         /* the command's struct, every field set */
	struct keyvals config; /* CMD_CONFIG_KEYS: the keys that were given, stored form */
	struct keyvals given;  /* every option and positional that was given, stored form */
	char **extra;          /* words of a PROP_EXTRA positional, NULL at the end */
	unsigned *ids; /* CMD_MANY: the containers of all words, or NULL: only vmid */
	size_t id_count;
	int status; /* exit status of a success; exec passes the guest's on */
};

struct program {
	const char *name; /* "pct" */
	/*
	 * NULL at the end, in usage order. A first one with the program's own name needs no
	 * word on the command line: "vzdump 100" runs it, only "vzdump help" does not.
	 */
	const struct command *const *commands;
	/* What only this host can say against a well-formed value; or NULL. */
	void (*check_value)(const char *name, const char *value, struct problems *problems);
	/*
	 * Add the words of a kind that this host has now, one a line; vmid is the container
	 * they are asked for, or 0. What cannot be read is left out. Or NULL: none.
	 */
	void (*offer)(enum prop_offer kind, unsigned vmid, struct strbuf *out);
};

/*
 * Run the program: root check ("please run as root"), fixed PATH, command word,
 * options, check, run, one error on stderr, stdout flushed and checked. Returns the
 * exit status.
 */
int cli_main(const struct program *program, int argc, char **argv);

/*
 * A parameter error that a command finds itself: err gets the whole
 * "400 Parameter verification failed." text; cli_main adds the short usage.
 */
int fail_parameter(struct error *err, const char *name, const char *fmt, ...) PRINTF(3, 4);

/*
 * The usual first positional, a row of a command's args: vmid, required, VMID_MIN to
 * VMID_MAX; the struct's member vmid is a long long.
 */
#define VMID_ARG(holder)                                                         \
	{                                                                        \
		.name = "vmid", .type = PROP_INT, .offset = AT(holder, vmid),    \
		.help = "The (unique) ID of the container.", .min = VMID_MIN,    \
		.max = VMID_MAX, .flags = PROP_REQUIRED, .format = &format_vmid, \
		.offers = OFFER_GUEST                                            \
	}

/*
 * Behind VMID_ARG in the args of a CMD_MANY command. Words that are more than one plain
 * id all go to call->extra, and vmid is not given then.
 */
#define MANY_ARG                                                                            \
	{                                                                                   \
		.name = "more", .type = PROP_TEXT,                                          \
		.help = "More containers. Each word may be an id, a range like 100-105 or " \
			"a tag like @web. They are worked on in parallel, with one result " \
			"line each.",                                                       \
		.type_text = "<array>", .flags = PROP_EXTRA | PROP_BEYOND,                  \
		.offers = OFFER_GUEST                                                       \
	}

/* "help [<command>] [--verbose 0]": every program has it, last in its list. */
extern const struct command cmd_help;
