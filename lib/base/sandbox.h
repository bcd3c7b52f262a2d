/*
 * Work on a tree that a guest or an archive controls: a forked child that has the
 * container's id map, sees nothing but that tree, holds the given capabilities over
 * the mapped ids only, cannot start programs, and is killed at its deadline
 * (guest-setup.md 15.2). The caller must be single-threaded.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/strbuf.h"

#define SANDBOX_CAP(name) (UINT64_C(1) << (name))

struct sandbox {
	int rootfd;              /* the tree, O_PATH or O_RDONLY | O_DIRECTORY */
	const struct idmap *map; /* count 0: privileged, host ids, few capabilities */
	uint64_t keep_caps;      /* SANDBOX_CAP(CAP_CHOWN) | ...: the set that is left */
	unsigned flags;          /* SANDBOX_... */
	unsigned timeout_s;      /* 0: none */
	uint64_t file_max;       /* RLIMIT_FSIZE in bytes; 0: no limit */
	uint64_t memory_max;     /* RLIMIT_AS in bytes; 0: no limit */
	const int *keep_fds;     /* stay open under their numbers; ended by -1; or NULL */
};

enum {
	/* Work on a private clone of the mount tree: nodev, nosuid, noexec. */
	SANDBOX_CLONE = 1,
	/* Allow mknod(2), which is refused otherwise. */
	SANDBOX_MKNOD = 2,
};

struct sandbox_io {
	int root;   /* descriptor of the tree, which is "/" now */
	int report; /* what is written here reaches the parent */
};

/*
 * Run body in the child and wait. body's failure arrives in err; a child that dies
 * or misses its deadline is a failure too. What it wrote to io->report (64 KiB at
 * most; more is an error) is appended to report, which may be NULL.
 */
int sandbox_run(const struct sandbox *sandbox,
		int (*body)(void *arg, const struct sandbox_io *io, struct error *err),
		void *arg, struct strbuf *report, struct error *err);
