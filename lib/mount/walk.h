/*
 * Walking a path whose directories somebody else may change meanwhile: component by
 * component, by descriptor, no symlink followed and no ".." (runtime.md 4.3). Touches
 * directories and, by walk_make_file, empty files only.
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "base/error.h"

struct walk_owner {
	uid_t uid;
	gid_t gid;
};

struct walk {
	int fd;     /* where the path ends, O_PATH */
	int parent; /* the directory that holds it; -1 when the path has no component */
	char name[NAME_MAX + 1];
};

#define WALK_INIT                      \
	{                              \
		.fd = -1, .parent = -1 \
	}

/*
 * Walk path from the directory start. With make, missing directories are created with
 * mode 0755, whatever the umask is, for that owner. "symlink encountered at: <path so
 * far>" for anything but a directory on the way; a missing one is err->code ENOENT.
 */
int walk_path(int start, const char *path, const struct walk_owner *make, struct walk *out,
	      struct error *err);

/*
 * For something to be mounted on: the file of that name in the directory, made for the
 * owner if it is missing. What is there already may be anything but a directory or a
 * symlink. O_PATH.
 */
int walk_make_file(int dirfd, const char *name, const struct walk_owner *owner,
		   struct error *err);

void walk_done(struct walk *walk);
#define auto_walk __attribute__((cleanup(walk_done)))
