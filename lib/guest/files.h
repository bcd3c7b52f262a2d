/*
 * Guest files, confined (guest-setup.md 5.1-5.3, 15.3). root is a descriptor of the
 * guest's "/". Paths are absolute and resolved in-root by openat2; what is at their end
 * is touched by descriptor, or by one name in an opened directory without following a
 * link. Only regular files are ever opened. Nothing else in this room opens files.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/strbuf.h"

#define GUEST_TEXT_MAX 1048576 /* bytes of a text file that is read */
#define GUEST_LINE_MAX 65536   /* bytes of a file's first line */
#define GUEST_LIST_MAX 1024    /* entries of a directory that are looked at */

/* Links are followed in-root; a FIFO, socket, device or dangling link is absent. */
bool guest_has_file(int root, const char *path);
bool guest_has_dir(int root, const char *path);
bool guest_has_program(int root, const char *path); /* a regular file with an x bit */

/* The name itself is a regular file, no symlink. */
bool guest_is_plain_file(int root, const char *path);

/*
 * Open a regular file for reading. Absent as above: -1 and err->code ENOENT; other
 * codes are real failures.
 */
int guest_open(int root, const char *path, struct error *err);

/* Append the file's bytes, GUEST_TEXT_MAX at most: 1, or 0 when absent, or -1. */
int guest_read(int root, const char *path, struct strbuf *out, struct error *err);

/* Append the first line without its LF: 1, or 0 when absent, or -1. */
int guest_first_line(int root, const char *path, struct strbuf *out, struct error *err);

enum guest_write {
	GUEST_KEEP_OWNER = 1, /* uid and gid of the old file stay */
	GUEST_EXACT_MODE = 2, /* mode also replaces that of an old file */
	GUEST_REWRITE = 4,    /* write even if the file has these bytes already */
};

/*
 * Replace the file by one with these bytes: written under a random name next to it,
 * then renamed, so a symlink there becomes a regular file and nobody sees half of it.
 * The permission bits of an old regular file stay, a new one gets mode. A file that
 * is as wanted already is left alone. Ignored (5.1): 0.
 */
int guest_write(int root, const char *path, struct slice text, mode_t mode, unsigned flags,
		struct error *err);

/* mkdir -p with mode 0755. */
int guest_mkdirs(int root, const char *path, struct error *err);

/* One directory with this mode; 0 also when it is there already. */
int guest_mkdir(int root, const char *path, mode_t mode, struct error *err);

/* Create a link; any failure is ignored, and so is a name that exists. */
void guest_symlink(int root, const char *target, const char *path);

/* Replace what is at path by a link, by rename. */
int guest_relink(int root, const char *target, const char *path, struct error *err);

/* Remove the name; any failure is ignored. */
void guest_unlink(int root, const char *path);

/* Append the link's text; false when path is no symlink. */
bool guest_readlink(int root, const char *path, struct strbuf *out);

/* Append path with all links resolved in-root; false when it does not exist. */
bool guest_resolve(int root, const char *path, struct strbuf *out);

/*
 * Names in a directory that wanted accepts, sorted, NULL at the end; an absent
 * directory has none. Only the first GUEST_LIST_MAX entries are looked at. The caller
 * frees with free_words.
 */
int guest_list(int root, const char *path, bool (*wanted)(const char *name), char ***names,
	       struct error *err);
