/*
 * CTID.conf to the configuration that LXC reads (runtime.md 2): pure. It asks the
 * system nothing; what it needs to know arrives in struct lxc_host.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/notes.h"
#include "base/strbuf.h"
#include "config/config.h"

enum cgroup_layout { CGROUP_V2, CGROUP_HYBRID }; /* hybrid: also pure v1 */

struct host_device {
	char type; /* 'b', 'c', or 0: missing, 1: exists but is no device, 2: no access */
	unsigned major, minor;
};

/* loop-control (10:237) would hand out the host's loop devices (runtime.md 3.4). */
bool host_device_is_forbidden(const struct host_device *device);

/* A path that can stand in lxc.mount.entry: the fields of one are separated by blanks, and
 * LXC decodes backslashes. */
bool is_mount_word(const char *path);

struct lxc_host {
	enum cgroup_layout layout;
	/* Controllers that the layout's key family reaches. */
	bool memory, memsw, cpu, cpuset, devices;
	/* What the installed liblxc takes. */
	int lxc_major;
	bool has_cgroup1_keys, has_apparmor_keys, has_runtime_env;
	bool apparmor_parser_4;
	/* Forwarding of system calls: socket of a daemon that listens, or NULL. */
	bool kernel_has_notify;
	const char *kernel; /* its release, for messages */
	const char *notify_socket;
	const char *common_seccomp; /* text that every rules file starts with */
	const char *cgroup_suffix;  /* "" or ".<8 hex>" under PCT_ROOT: names stay apart */
	const char *lxc_dir;        /* PATH_LXC */
	const char *include_dir;    /* the toolkit's own include files */
	/* Directories of snippets for all containers of this host (lxcfs), or NULL. */
	const char *common_snippets, *userns_snippets;
	const char *hook;     /* path of libexec pct-hook */
	const unsigned *cpus; /* usable CPUs, ascending */
	size_t cpu_count;
	unsigned (*pick)(unsigned below); /* random choice of CPUs to leave out */
	/* By net index: the bridge's MTU; 0: the bridge does not exist. */
	const unsigned *bridge_mtu;               /* 32 entries */
	const struct host_device *devices_of;     /* 256 entries, by dev index; or NULL */
	bool (*include_exists)(const char *name); /* "debian.common.conf" */
};

/*
 * conf gets the whole LXC configuration, seccomp the rules file's text (empty when
 * privileged or overridden). Warnings in notes.
 */
int lxc_generate(const struct config *config, const struct lxc_host *host,
		 struct strbuf *conf, struct strbuf *seccomp, struct notes *notes,
		 struct error *err);
