/*
 * The files at the two ends of push and pull (runtime.md 7.3, pct-cli.md 5): made,
 * filled, and given their mode and owner last, so that half a file is nobody's to read.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct transfer_mode {
	mode_t new_mode;    /* of a file that is new, unless perms says another */
	long long perms;    /* -1: not given */
	long long uid, gid; /* -1: not given */
};

/* "644" or "0644" octal, "0x1a4" hexadecimal: "invalid mode: '<text>'". */
int transfer_perms(const char *text, long long *perms, struct error *err);

/*
 * On the host: a new file without any permission, or one that is there, which keeps its
 * bytes for now. "failed to create file: <path>: <reason>".
 */
int transfer_create(const char *path, bool *is_new, struct error *err);

/*
 * The same inside a container, every link resolved in its root. One that is there has to
 * be a regular file; nofollow refuses it if the path itself is a link.
 */
int transfer_create_inside(int root, const char *path, bool nofollow, bool *is_new,
			   struct error *err);

/* A new one whose bytes did not come goes again. */
void transfer_remove_inside(int root, const char *path);

int transfer_check_regular(int fd, const char *path, struct error *err);

/*
 * Replace what is in the file to by what is in from, up to the size that it has when it
 * begins; one that claims none gives 1 MiB at most.
 */
int transfer_copy(int from, int to, struct error *err);

int transfer_finish(int fd, bool is_new, const struct transfer_mode *mode,
		    struct error *err);

/* Some file systems tell only now that the bytes do not fit. */
int transfer_close(int *fd, const char *path, struct error *err);

/* Kill this process if the guest's file system does not answer within 30 s; every step
 * of transfer_copy begins the time anew. */
void transfer_watch(void);
