/*
 * Files on the host and below a root that a guest controls. Guest paths are opened
 * by open_in_root alone; host names that a user gave by open_beneath. Saving is
 * write-then-rename: readers see the old file or the new one, also after a crash.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/*
 * Open a path that the guest controls. "..", symlinks and absolute targets are
 * resolved as if rootfd were "/", so no name inside can reach the host
 * (openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS). Returns a descriptor;
 * on failure err->code is the errno.
 */
int open_in_root(int rootfd, const char *path, int flags, mode_t mode, struct error *err);

/*
 * Open a path below dirfd that a user named: no symlink in any component, no way
 * out of dirfd (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS).
 */
int open_beneath(int dirfd, const char *path, int flags, mode_t mode, struct error *err);

/* Append all that fd still holds; more than max bytes is an error (EFBIG). */
int read_all(int fd, size_t max, struct strbuf *out, struct error *err);

/* Append the file's bytes. The last component may not be a symlink. */
int read_file(int dirfd, const char *path, size_t max, struct strbuf *out,
	      struct error *err);

/* Write all bytes; retries short writes and EINTR. */
int write_all(int fd, const void *bytes, size_t len, struct error *err);

/*
 * Replace dirfd/name, name being one component, by a new file with these bytes:
 * "<name>.tmp.<pid>" made exclusively, written, synced, renamed, directory synced.
 * An existing file's mode and owner are kept; a new one gets mode and the caller's.
 */
int save_file(int dirfd, const char *name, struct slice bytes, mode_t mode,
	      struct error *err);

/*
 * As save_file, but the file must not exist: then err->code is EEXIST and nothing has
 * changed. Of several creators exactly one succeeds; readers never see half a file.
 */
int create_file(int dirfd, const char *name, struct slice bytes, mode_t mode,
		struct error *err);

/* As save_file for a path on the host, below directories of root. */
int save_path(const char *path, struct slice bytes, mode_t mode, struct error *err);

/*
 * As save_path, but a power failure may lose the new file's bytes: for files that are
 * made again before they are used.
 */
int save_generated(const char *path, struct slice bytes, mode_t mode, struct error *err);

/* One value into a kernel file (cgroup, sysctl): open, one write, close. */
int write_value(const char *path, const char *value, struct error *err);

/* mkdir that accepts an existing directory (but no symlink to one). */
int make_dir(const char *path, mode_t mode, struct error *err);

/*
 * mkdir for the directory and its missing parents, each with mode minus the umask. What
 * is there may be reached through symlinks: for paths that only root writes.
 */
int make_dirs(const char *path, mode_t mode, struct error *err);

/* Open a directory, no symlink as last component. */
int open_dir(const char *path, struct error *err);

bool path_exists(const char *path);

/* Unlink; a missing file is fine. */
int remove_file(const char *path, struct error *err);
