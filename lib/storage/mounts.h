/*
 * Questions about the host's file systems that must not hang: a network file system
 * whose server is gone blocks whoever looks at it, so it is asked by another process
 * with a deadline. Reads /proc/self/mountinfo.
 */
#pragma once

#include <stdbool.h>

#include "storage/storage.h"

/* Whether a file system is mounted exactly there (paths without symlinks). */
int mounts_has(const char *path, bool *is_mounted, struct error *err);

/*
 * Fails if one of the paths (NULL at the end) leads to a file system that does not answer
 * within 2 s, be it through a link. File systems of this host are not even asked, and a
 * path may be missing.
 */
int mounts_probe(const char *const *paths, struct error *err);

/* Size of the file system that holds path, within 2 s: statvfs(2). */
int mounts_usage(const char *path, struct storage_usage *out, struct error *err);

/* The pure half: the mount that holds path in the text of a mountinfo(5). */
struct mount {
	char *point; /* owned */
	char *fstype;
};
void mounts_find(struct slice mountinfo, const char *path, struct mount *out);
void mount_done(struct mount *mount);
#define auto_mount __attribute__((cleanup(mount_done)))
