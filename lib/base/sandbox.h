/*
 * Work on a tree that a guest or an archive controls: a forked child that has the
 * container's id map, sees nothing but that tree, holds the given capabilities over
 * the mapped ids only, cannot start programs, and is killed at its deadline
 * (guest-setup.md 15.2). The caller must be single-threaded.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/strbuf.h"

#define SANDBOX_CAP(name) (UINT64_C(1) << (name))

struct sandbox {
	/* The tree, O_PATH or O_RDONLY | O_DIRECTORY; or what SANDBOX_RUNNING says. */
	int rootfd;
	const struct idmap *map; /* count 0: privileged, host ids, few capabilities */
	uint64_t keep_caps;      /* SANDBOX_CAP(CAP_CHOWN) | ...: the set that is left */
	unsigned flags;          /* SANDBOX_... */
	unsigned timeout_s;      /* 0: none */
	uint64_t file_max;       /* RLIMIT_FSIZE in bytes; 0: no limit */
	uint64_t memory_max;     /* RLIMIT_AS in bytes; 0: no limit */
	size_t report_max;       /* bytes that body may write to its report; 0: 64 KiB */
	const int *keep_fds;     /* stay open under their numbers; ended by -1; or NULL */
};

enum {
	/* Work on a private clone of the mount tree: nodev, nosuid, noexec. */
	SANDBOX_CLONE = 1,
	/* Allow mknod(2), which is refused otherwise. */
	SANDBOX_MKNOD = 2,
	/*
	 * The tree is the root of a running container, whose user and mount namespaces the
	 * child enters; it stays out of its other ones. rootfd is a pidfd of its init, and
	 * map is not used. The mounts are a copy, protected as SANDBOX_CLONE has it.
	 */
	SANDBOX_RUNNING = 4,
	/* With SANDBOX_CLONE or SANDBOX_RUNNING: nothing in the tree can be changed. */
	SANDBOX_READ_ONLY = 8,
};

struct sandbox_io {
	int root;   /* descriptor of the tree, which is "/" now */
	int report; /* what is written here reaches the parent */
};

/*
 * Run body in the child and wait. body's failure arrives in err; a child that dies
 * or misses its deadline is a failure too. What it wrote to io->report (report_max at
 * most; more is an error) is appended to report, which may be NULL.
 */
int sandbox_run(const struct sandbox *sandbox,
		int (*body)(void *arg, const struct sandbox_io *io, struct error *err),
		void *arg, struct strbuf *report, struct error *err);
