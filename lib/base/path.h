/*
 * Every path of the toolkit comes from here, so that the whole tree moves under the
 * directory that the environment variable PCT_ROOT names: tests never touch the
 * real files, and two "hosts" fit on one machine. Paths are those of the usual tool
 * (runtime.md 1, storage.md 1.1).
 */
#pragma once

#include "base/error.h"

enum path {
	PATH_ETC,          /* /etc/pve: storage.cfg, pct.conf */
	PATH_CONFIG,       /* /etc/pve/lxc: CTID.conf */
	PATH_NODES,        /* /etc/pve/nodes */
	PATH_FIREWALL,     /* /etc/pve/firewall */
	PATH_LXC,          /* /var/lib/lxc: what LXC reads; made anew on every start */
	PATH_VZ,           /* /var/lib/vz: the storage "local" */
	PATH_RUN,          /* /run/pve: state of running containers */
	PATH_RUN_LXC,      /* /run/lxc */
	PATH_LOCK,         /* /run/lock/lxc: locks of container configs */
	PATH_STORAGE_LOCK, /* /var/lock/pve-manager: locks of storages */
	PATH_LOG,          /* /var/log/pve */
	PATH_HOST,         /* other directories of the host: "var/run/vzdump.lock" */
	PATH_COUNT
};

/*
 * Read PCT_ROOT. Fails unless it is unset, or an absolute path of at most 60 of the
 * characters [A-Za-z0-9/._-] without "." and ".." parts (the LXC config and the
 * abstract socket names carry it). Call it first in main.
 */
int path_init(struct error *err);

/* Use this root ("" for none) instead of PCT_ROOT; for hooks. Checked likewise. */
int path_set_root(const char *root, struct error *err);

/* The directory in PCT_ROOT without a slash at its end, or "". */
const char *path_root(void);

/*
 * The directory followed by "/" and the formatted rest; fmt "" gives the directory
 * itself. The caller frees it.
 */
char *path_in(enum path dir, const char *fmt, ...) PRINTF(2, 3);

/*
 * Where the toolkit's own files are, found next to the running program:
 * <prefix>/sbin/pct or <prefix>/libexec/pct/x belong to <prefix>/libexec/pct and
 * <prefix>/share/pct. fmt as in path_in; the caller frees the text.
 */
char *path_libexec(const char *name);
char *path_share(const char *fmt, ...) PRINTF(1, 2);

/* The running program's own file; the caller frees the text. */
char *path_program(void);

/* Create the directory with mode 0755 and its missing parents. */
int path_make(enum path dir, struct error *err);

/* The host's name up to the first dot; never NULL. */
const char *path_node(void);
