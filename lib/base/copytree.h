/*
 * Copying a directory tree by descriptor, as a guest has left it: hostile names, links
 * and depths included. No symlink is followed on either side, every step is one name
 * below an open directory, and other file systems (subvolumes, too) are left out but for
 * their empty directory. Kept are holes, hard links, owners, modes, times, extended
 * attributes, ACLs, capabilities, device nodes, sockets and FIFOs.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct tree_copied {
	uint64_t directories, files, symlinks, specials;
	uint64_t links; /* further names of files that were there already */
	uint64_t bytes; /* sizes of the files */
	uint64_t moved; /* bytes that were moved: not shared, not holes */
};

struct tree_copy {
	/* Directories, O_PATH is enough. */
	int source;         /* nobody changes it meanwhile */
	int target;         /* empty; a directory in it that source has, too, is filled */
	uint64_t limit_kib; /* KiB/s; 0: no limit */
	/* Called often, at least for each directory; or NULL. */
	void (*progress)(void *arg, const struct tree_copied *so_far);
	void *arg;
};

/*
 * Copy all below source, and what source itself has besides its entries. Stops at the
 * first failure, which names the path, and leaves what is there. What a power failure
 * spares is the caller's question (syncfs).
 */
int tree_copy(const struct tree_copy *copy, struct tree_copied *copied, struct error *err);
