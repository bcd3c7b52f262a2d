/*
 * One volume on its way into a container (runtime.md 4.4): opened as a mount that is
 * attached nowhere, pinned in the staging directory, cloned, and the clone attached where
 * the guest sees it. Everything by descriptor; the current mount namespace is what counts.
 */
#pragma once

#include "mount/mount.h"
#include "mount/userns.h"

/* The mount, with the step's attributes. */
int stage_open(const struct mount_step *step, struct error *err);

/* Attach it at staging/<key>, made for it: it pins the volume's device. */
int stage_pin(const struct mount_step *step, int fd, int staging, struct error *err);

/* A clone of the attached mount fd, attached nowhere, with the ids of the step's idmap. */
int stage_clone(const struct mount_step *step, int fd, struct userns_cache *cache,
		struct error *err);

/*
 * Attach the clone at the step's target below rootfd; missing directories are made for
 * root of the map. "symlink encountered at: <path>".
 */
int stage_insert(const struct mount_step *step, int fd, int rootfd, const struct idmap *map,
		 struct error *err);

/* Attach a mount on the directory. */
int stage_attach(int mount_fd, int dirfd, struct error *err);

/* Let go of the original of a key in this namespace; none is fine. */
int stage_forget(const char *key, struct error *err);

/* The directory of the pinned originals; the caller frees it. */
char *stage_dir(void);
