/*
 * Backup archives (backup.md 5): a container's tree written as a tar stream by a confined
 * child that has the container's id map and may only read. What it says about the stream
 * and why it failed goes to its standard error.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/idmap.h"

/* Descriptors of pct-pack; the archive is its standard output. */
enum {
	PACK_ROOT_FD = 3,     /* the tree, with all that is mounted in it */
	PACK_CONFIG_FD = 4,   /* becomes ./etc/vzdump/pct.conf, the first member */
	PACK_FIREWALL_FD = 5, /* becomes ./etc/vzdump/pct.fw */
};

struct pack {
	int rootfd, config_fd, firewall_fd;
	int out_fd, log_fd;      /* the archive; standard error */
	const struct idmap *map; /* count 0: privileged */
	uint64_t bwlimit_kib;    /* KiB/s of the tar stream; 0: none */
	/* Both end with NULL, or are NULL. */
	const char *const *mount_points; /* "srv/data": archived after the root */
	const char *const *patterns;     /* left out (packexclude.h) */
};

/* Start libexec pct-pack. The caller reads log_fd's other end and waits for the pid. */
pid_t pack_start(const struct pack *pack, struct error *err);
