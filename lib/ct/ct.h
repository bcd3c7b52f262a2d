/*
 * The verbs: what `pct` does with a container, in order, under its lock, with undo.
 * Commands read options, call one of these and print the result. Warnings that a
 * verb gives go to stderr through base/log.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "base/value.h"
#include "config/keyvals.h"
#include "config/prop.h"

/* ---- reading: no lock, no liblxc ---- */

struct ct_row {
	unsigned vmid;
	bool running;
	char *lock; /* "" if none */
	char *name; /* hostname or CT<id>, without white space */
	char *tags; /* as in the file; "" if none */
};

/* All containers, ascending. A file that cannot be read is a warning, and its row is
 * left out. The caller frees with ct_rows_free. */
int ct_list(struct ct_row **rows, size_t *count, struct error *err);
void ct_rows_free(struct ct_row *rows, size_t count);

/* Whether it runs; fails when there is no configuration file (err->status 2). */
int ct_status(unsigned vmid, bool *running, struct error *err);

/* The properties of `pct status --verbose` (runtime.md 6.3), sorted. */
int ct_status_verbose(unsigned vmid, struct keyvals *out, struct error *err);

/* The lines of `pct config`: pending changes applied, or current, or of a snapshot
 * (NULL: none); then raw entries. */
int ct_config_text(unsigned vmid, bool current, const char *snapshot, struct strbuf *out,
		   struct error *err);

/*
 * The same as an object, typed: integers and booleans are numbers, env and lxc (the raw
 * entries, pairs of key and value) are lists; "digest" is the file's. The ..._value
 * functions make trees that the caller frees.
 */
int ct_config_value(unsigned vmid, bool current, const char *snapshot, struct json_t **out,
		    struct error *err);

/* The LXC configuration that a start would write; changes nothing. */
int ct_generate(unsigned vmid, struct strbuf *out, struct error *err);

/* The lines of `pct pending`. */
int ct_pending_text(unsigned vmid, struct strbuf *out, struct error *err);

/*
 * A list of objects: "key", and as they apply "value" (now), "pending" (then), "delete" 1,
 * or 2 when it is forced.
 */
int ct_pending_value(unsigned vmid, struct json_t **out, struct error *err);

/* The tree of `pct listsnapshot`. */
int ct_snapshot_tree(unsigned vmid, struct strbuf *out, struct error *err);

/* A list, by time: "name", "parent", "snaptime", "description"; "current" is last. */
int ct_snapshot_value(unsigned vmid, struct json_t **out, struct error *err);

/* The table of `pct cpusets`. */
int ct_cpusets(struct strbuf *out, struct error *err);

/* A list, by id: "vmid" and "cpus", a list of numbers. */
int ct_cpusets_value(struct json_t **out, struct error *err);

/*
 * The table of `pct df`. Under the config lock; a stopped container's volumes are mounted
 * for it, in a namespace of its own, while the config has "lock: mounted".
 */
int ct_df(unsigned vmid, struct strbuf *out, struct error *err);

/* A list: "mp", "volume", "path", and in bytes "size", "used", "avail". */
int ct_df_value(unsigned vmid, struct json_t **out, struct error *err);

/* ---- configuration ---- */

int ct_unlock(unsigned vmid, struct error *err);

/*
 * Write the guest's files as a start does, under the config lock; a running container is
 * refused. dry_run: print to stdout as a diff what would change, and change nothing.
 */
int ct_setup(unsigned vmid, bool dry_run, struct error *err);

struct set_request {
	unsigned vmid;
	const struct keyvals *config; /* container keys, checked one by one */
	const char *delete, *revert;  /* lists of keys, or NULL */
	const char *digest;           /* NULL or "": no check */
};

/*
 * Change options: all at once for a stopped container, live or pending for a running one.
 * Wrong options and changes that fail are parameter errors, and nothing is written then.
 */
int ct_set(const struct set_request *request, struct error *err);

/*
 * Checks of option values that need this host, as the command line reports them: adds to
 * problems what is wrong with a value that is well-formed.
 */
void ct_check_value(const char *key, const char *value, struct problems *problems);

/* ---- life cycle; each runs in a worker ---- */

struct create_request {
	unsigned vmid;
	const char *ostemplate;
	const char *storage;          /* default storage; NULL: settings, then "local" */
	const char *password;         /* NULL: locked */
	const char *ssh_keys;         /* text; NULL: none */
	const struct keyvals *config; /* container keys, checked and in stored form */
	bool start, ignore_unpack_errors;
	double bwlimit; /* KiB/s, 0: none; negative: what the storages say (restore) */
	/* Of a restore: */
	bool force;  /* replace a container of that id */
	bool unique; /* new MAC addresses */
};

struct creation; /* a create that passed its early checks */

/* Everything that can be refused before anything changes. */
int ct_create_prepare(const struct create_request *request, struct creation **out,
		      struct error *err);
int ct_create_run(struct creation *creation, struct error *err);
void ct_creation_free(struct creation **creation);

struct restoration; /* a restore that passed its early checks */

/*
 * The same for a backup (backup.md 10): ostemplate is a volume of content backup, the path
 * of an archive, or "-" for standard input. What is replaced stays as it is, volumes and
 * all, until the new container is complete; whatever fails before leaves it so.
 */
int ct_restore_prepare(const struct create_request *request, struct restoration **out,
		       struct error *err);
int ct_restore_run(struct restoration *restoration, struct error *err);
void ct_restoration_free(struct restoration **restoration);

enum ct_flags {
	CT_SKIPLOCK = 1,
	CT_DEBUG = 2,
	CT_FORCE = 4, /* destroy: stop it first; shutdown: kill after timeout */
	CT_PURGE = 8,
	CT_DESTROY_UNREFERENCED = 16,
	CT_OVERRULE_SHUTDOWN = 32,
};

int ct_start(unsigned vmid, unsigned flags, struct error *err);
int ct_stop(unsigned vmid, unsigned flags, struct error *err);
/* timeout_s: 0 does not wait for the container's end, unless CT_FORCE kills it. */
int ct_shutdown(unsigned vmid, unsigned timeout_s, unsigned flags, struct error *err);
int ct_reboot(unsigned vmid, unsigned timeout_s, struct error *err);
int ct_destroy(unsigned vmid, unsigned flags, struct error *err);

struct snapshot_request {
	unsigned vmid;
	const char *name;
	const char *description; /* NULL: none */
};

/*
 * Snapshots (ct-config.md 8). A running container is frozen and its file systems are
 * synced while one is taken. One that cannot be taken is undone; a removal or a rollback
 * that fails leaves the lock, and after ct_unlock the same command goes on.
 */
int ct_snapshot(const struct snapshot_request *request, struct error *err);
int ct_delsnapshot(unsigned vmid, const char *name, bool force, struct error *err);
int ct_rollback(unsigned vmid, const char *name, bool start, struct error *err);

/*
 * Make it a template: base volumes, which linked clones can share (storage.md 8.6). What
 * interrupts it leaves a container that the same command, or destroy, can go on with.
 */
int ct_template(unsigned vmid, struct error *err);

struct clone_request {
	unsigned vmid, newid;
	int full;             /* 1 or 0; -1: unless it is a template */
	const char *snapname; /* state to clone; NULL: the present one */
	const char *storage;  /* of all volumes of a full clone; NULL: each its source's */
	const char *hostname, *description; /* NULL: the source's */
	double bwlimit; /* KiB/s, 0: none; negative: what the storages say */
};

/* A failure leaves nothing of the clone (storage.md 8.4). */
int ct_clone(const struct clone_request *request, struct error *err);

/* "unable to use snapshot name '<name>' (reserved name)" */
int ct_check_snapshot_name(const char *name, struct error *err);

/* Early checks of the above, before the worker: the config exists. */
int ct_must_exist(unsigned vmid, struct error *err);

struct resize_request {
	unsigned vmid;
	const char *key;    /* "rootfs", "mp0" */
	const char *size;   /* "8G", "+512M"; without unit bytes */
	const char *digest; /* NULL or "": no check */
};

/*
 * Grow a volume and the file system on it, under a running container too. Where only the
 * file system fails that is a warning. The same call again completes one that was killed.
 */
int ct_resize(const struct resize_request *request, struct error *err);

struct move_request {
	unsigned vmid;
	const char *key;      /* "rootfs", "mp0", "unused0" */
	const char *storage;  /* where a copy of it goes, of a stopped container; or NULL */
	unsigned target_vmid; /* or whose it is afterwards, without a copy; or 0 */
	const char *target_key;             /* its key there; NULL: the same */
	const char *digest, *target_digest; /* NULL or "": no check */
	bool delete;                        /* free the old volume; else it is an unusedN */
	double bwlimit; /* KiB/s, 0: none; negative: what the storages say */
};

/* Early: what is wrong with the parameters, all at once; both containers exist. */
int ct_move_check(const struct move_request *request, struct error *err);

/*
 * Move a volume (storage.md 8.8). Killed at any point, it leaves "lock: disk", and entries
 * that name every volume there is; after ct_unlock the same command starts again, or goes
 * on.
 */
int ct_move(const struct move_request *request, struct error *err);

/*
 * Mount the volumes at PATH_LXC/<id>/rootfs of the host, and back; in between the config
 * has "lock: mounted". A mount that fails leaves neither.
 */
int ct_mount(unsigned vmid, struct error *err);
int ct_unmount(unsigned vmid, struct error *err);

/* fsck -a -l on an image or device of a stopped container; its output is ours. */
int ct_fsck(unsigned vmid, const char *key, bool force, struct error *err);

/* fstrim -v on every volume that can be written, or on rootfs only. A file system that
 * cannot do that is a warning. */
int ct_fstrim(unsigned vmid, bool root_only, struct error *err);

/*
 * Volumes that no entry knows become unusedN, sizes that are not those of the storages
 * are corrected. vmid 0: all containers; one that cannot be changed is a warning then.
 */
int ct_rescan(unsigned vmid, bool dry_run, struct error *err);

struct transfer_request {
	unsigned vmid;
	const char *from, *to;            /* push: host to container; pull: the other way */
	const char *user, *group, *perms; /* of the new file; NULL: not given */
};

/*
 * Copy one regular file into, or out of, a running container, under the config lock. All
 * that is inside is opened in the container's own namespaces, as its root. A file that is
 * there keeps mode and owner unless they are given.
 */
int ct_push(const struct transfer_request *request, struct error *err);
int ct_pull(const struct transfer_request *request, struct error *err);

/* ---- entering: these replace the process and return only on failure ---- */

/* argv NULL: a root shell. */
int ct_attach(unsigned vmid, const char *const *argv, bool keep_env, struct error *err);

/* escape "^a", "a" (checked: "\^?[a-z]"). */
int ct_console(unsigned vmid, const char *escape, struct error *err);
