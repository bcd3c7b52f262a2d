/* One restore under way, for the files that carry it out: restore*.c alone. */
#pragma once

#include "base/idmap.h"
#include "config/settings.h"
#include "ct/allocate.h"
#include "ct/ct.h"
#include "ct/restorefiles.h"
#include "guest/guest.h"

struct restoration {
	unsigned vmid;
	struct storages storages;
	struct settings settings;
	const char *storage;    /* where volumes go that are given by size only */
	char *source;           /* the archive as the user named it */
	char *archive;          /* its path; NULL: standard input */
	struct config *options; /* of the command line, without volumes */
	struct config
		*archived;     /* the backup's; NULL: it has none, or it is not known yet */
	struct config *config; /* the new container's, as it grows */
	struct config *old;    /* what is replaced, as it was; NULL: the id was free */
	struct allocation volumes;
	struct keyvals later; /* mounts of the host, which get into the config at the end */
	struct idmap map;
	int unprivileged; /* 1 or 0; -1: as the backup has it */
	double bwlimit;   /* KiB/s, 0: none; negative: what the storages say */
	bool has_volumes; /* the command line says which; else the backup does */
	bool force, unique, start, ignore_unpack_errors;
	bool is_template, is_protected;
	/* The firewall file before ours; only while has_firewall. */
	struct strbuf old_firewall;
	bool has_firewall, had_firewall;
};

/* What the tree had, and was found in it. Shared with the child that looks. */
struct restored {
	struct guest_os os;
	unsigned warnings;
	bool has_config; /* of standard input */
	size_t config_len, firewall_len;
	char config[RESTORED_CONFIG_MAX];
	char firewall[RESTORED_FIREWALL_MAX];
};

/* The backup's configuration from its text; the reader's warnings are printed. */
struct config *restore_parse(unsigned vmid, struct slice text);

/* Merge the archived one, if any, with the options of the command line. */
int restore_compose(const struct restoration *restoration, const struct config *archived,
		    struct config **out, struct error *err);

/*
 * Mount the new volumes, unpack the archive into them, take out what vzdump has put in,
 * set the guest up, and see to it that a power failure finds it on the disk. In a child:
 * whatever happens to it, no mount and no loop device outlives it.
 */
int restore_fill(const struct restoration *restoration, struct restored *out,
		 struct error *err);

/* ---- the container that is replaced ---- */

/*
 * The old container's file while the new one is made, complete as it was but for the lock:
 * it knows the new volumes as unused ones, so that whatever kills us, nothing is lost. arg
 * is the restoration.
 */
int restore_save_old(void *arg, struct error *err);

/* As it was before us, with what could not be removed. */
int restore_put_old_back(const struct restoration *restoration, struct error *err);

/* The new container is to know the old volumes until they are gone. */
int restore_remember_old(struct restoration *restoration, struct error *err);

/*
 * The new container is complete and saved: free the old volumes. One that cannot be
 * removed is a warning, and stays unusedN.
 */
void restore_drop_old(struct restoration *restoration);

/* The container's firewall rules, unless there are none, and what was there before. */
int restore_save_firewall(struct restoration *restoration, struct slice text,
			  struct error *err);
void restore_put_firewall_back(const struct restoration *restoration);
