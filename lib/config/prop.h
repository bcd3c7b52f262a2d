/*
 * Rows that describe what a user may write: container keys, sub-keys of property
 * strings, storage properties and command options. Checking, help, manual and
 * completion all read the same row (ct-config.md 3-5, pct-cli.md 2.3, 3.2).
 * Pure functions; nothing here touches the system.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum prop_type {
	PROP_BOOL,   /* view: int, 0 or 1; -1 when absent and without fallback */
	PROP_INT,    /* view: long long; -1 when absent and without fallback */
	PROP_NUMBER, /* view: double; -1 when absent and without fallback */
	PROP_TEXT,   /* view: char *, owned; NULL when absent */
	PROP_ENUM,   /* view: char *, owned; NULL when absent; one of choices */
	PROP_SIZE,   /* view: long long, bytes; -1 when absent: "8G" (ct-config.md 3.2) */
	PROP_GROUP,  /* a property string of members; view: char *, the text as written */
};

/* A named format with its check. reason gets the text behind "invalid format - ". */
struct prop_format {
	const char *name;
	bool (*check)(struct slice value, struct strbuf *reason);
};

enum prop_flags {
	PROP_REQUIRED = 1,
	PROP_LIVE = 2,         /* H: a change reaches a running container at once */
	PROP_LIVE_NEW = 65536, /* H new, else P: a key that was not set is as PROP_LIVE */
	PROP_NOW = 4,          /* F: a change is never pending */
	PROP_CREATE_ONLY = 8,  /* cannot be changed after create */
	PROP_DEFAULT_KEY = 16, /* may be written bare in its property string */
	PROP_LIST = 32,        /* a list: repeats on the command line are joined with "," */
	PROP_INTERNAL = 64,    /* in files only, no option */
	PROP_VALUE_OPTIONAL = 128, /* --password: may stand without a value */
	PROP_FILE = 256,           /* the option names a file whose text is the value */
	PROP_EXTRA = 512,          /* positional only: takes all remaining words */
	PROP_PENDING = 1024,       /* P: a change waits until a running container stops */
	PROP_UNDELETABLE = 2048,   /* "unable to delete required option" */
	PROP_VOLUME = 4096,        /* rootfs, mpN, unusedN: protected, holds a volume */
	PROP_MOUNT = 8192,         /* rootfs, mpN: mounted into the container */
	PROP_REPEAT = 16384,       /* repeats are values of their own, joined with LF */
	PROP_BEYOND = 32768,       /* not in pct-cli.md: help tells it, a usage line not */
};

/* Words of this host that completion offers for a value. */
enum prop_offer {
	OFFER_NOTHING, /* only what the type says */
	OFFER_COMMAND, /* the program's commands */
	OFFER_GUEST,   /* container ids, of a kind that the command says */
	OFFER_RUNNING,
	OFFER_STOPPED,
	/* Of the container before it on the command line. */
	OFFER_SNAPSHOT,
	OFFER_KEY,         /* keys that are set and may be deleted */
	OFFER_PENDING_KEY, /* keys with a change that waits */
	OFFER_STORAGE,
	OFFER_CT_STORAGE, /* storages for container volumes */
	OFFER_TEMPLATE_STORAGE,
	OFFER_TEMPLATE, /* volume ids of templates */
	OFFER_BACKUP,   /* and of backups */
	OFFER_RECIPE,   /* what pveam builds */
};

struct prop {
	const char *name;
	enum prop_type type;
	size_t offset;              /* where the parsed value goes: AT(net, name) */
	const char *help;           /* one sentence */
	long long min, max;         /* INT, NUMBER: range; TEXT: length; both 0: none */
	const char *const *choices; /* ENUM: in schema order, NULL at the end */
	const char *kept; /* ENUM: a value of files that no option takes; or NULL */
	const struct prop *members; /* GROUP: what "a=1,b=2" may hold; { 0 } at the end */
	unsigned count;             /* 32 makes net0..net31 of "net" */
	const char *fallback;       /* the default, written as a user would; or NULL */
	unsigned flags;
	const struct prop_format *format; /* further check of TEXT; or NULL */
	const char *type_text;            /* help: shown instead of "<string>"; or NULL */
	const char *pattern;  /* POSIX extended regex that TEXT must match; or NULL */
	const char *requires; /* name of an option that must be given with it */
	enum prop_offer offers;
};

#define AT(type, member) offsetof(struct type, member)

/* Errors of one command line or one value, in the shape "<name>: <message>". */
struct problems {
	struct problem {
		char *name, *text; /* owned */
	} * at;
	size_t count;
};

void problems_add(struct problems *problems, const char *name, const char *fmt, ...)
	PRINTF(3, 4);
/* By name, those of one name in the order they were added. */
void problems_sort(struct problems *problems);
/* Sorted by name; each "<name>: <text>\n" (pct-cli.md 2.3). */
void problems_format(const struct problems *problems, struct strbuf *out);
void problems_done(struct problems *problems);
#define auto_problems __attribute__((cleanup(problems_done)))

/*
 * The row for a name as written: exact, and "net3" finds "net" when 3 < count.
 * NULL when there is none. rows end with a row without name.
 */
const struct prop *prop_find(const struct prop *rows, struct slice name);

/*
 * The full check that the command line does: type, format, pattern, length, range,
 * enum; the first failure is added to problems under name (a bad property string adds
 * one per sub-key). Returns 0 or -1. With normal given it also gets the value in
 * stored form (booleans 1/0, integers without leading zeros, otherwise as typed).
 */
int prop_check(const struct prop *prop, const char *name, struct slice value,
	       struct problems *problems, struct strbuf *normal);

/*
 * The weak check of the file reader (ct-config.md 2.1, table): *normal is the value to
 * keep; a failure fills err with the reader's reason.
 */
int prop_check_weak(const struct prop *prop, struct slice value, struct strbuf *normal,
		    struct error *err);

/* "1 on yes true" / "0 off no false" in any case: 1 or 0; -1 for other text. */
int bool_parse(struct slice text);

/*
 * Read a property string into a view: every row's field is set (absent ones to their
 * fallback or the absent value), bare values go to the default key. On failure err
 * says "<sub-key>: <message>" and view is untouched. view_done frees what it holds.
 */
int group_parse(struct slice text, const struct prop *rows, void *view, struct error *err);

/*
 * A view with every field at its fallback, or absent. Also for options of commands:
 * view_init, then view_set for each one given, then view_done.
 */
void view_init(const struct prop *rows, void *view);
/* Store one value in the normal form that prop_check gave; frees what was there. */
void view_set(const struct prop *row, void *view, const char *normal);
void view_done(const struct prop *rows, void *view);

/* No property string has more sub-keys. */
#define GROUP_MAX 24

/*
 * The rows in the order in which they are printed: default key, required ones, the rest;
 * each by name (ct-config.md 3.1). order has room for GROUP_MAX; returns how many.
 */
size_t group_order(const struct prop *rows, const struct prop **order);

/*
 * The text of one sub-key of a property string, as typed; NULL when it is not there. The
 * caller frees *out.
 */
int group_value(struct slice text, const struct prop *rows, const char *name, char **out,
		struct error *err);

/*
 * The text of one property string with one sub-key replaced or added, in canonical
 * order: group_with("name=eth0", net_props, "hwaddr", "BC:.."). Other sub-keys stay
 * as typed, booleans become 1 and 0. value NULL takes the sub-key out; name NULL only
 * brings the text into canonical order.
 */
int group_with(struct slice text, const struct prop *rows, const char *name,
	       const char *value, struct strbuf *out, struct error *err);
