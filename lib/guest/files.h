/*
 * Reading guest files, confined (guest-setup.md 5.3, 15.3); write.h, which comes with
 * it, changes them. Paths are absolute and resolved in-root by openat2; only regular
 * files are ever opened. Nothing else in this room opens files.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/place.h"
#include "guest/write.h"

#define GUEST_TEXT_MAX 1048576 /* bytes of a text file that is read */
#define GUEST_LINE_MAX 65536   /* bytes of a file's first line */
#define GUEST_LIST_MAX 1024    /* entries of a directory that are looked at */

/* Links are followed in-root; a FIFO, socket, device or dangling link is absent. */
bool guest_has_file(const struct guest_root *root, const char *path);
bool guest_has_dir(const struct guest_root *root, const char *path);
/* A regular file with an x bit. */
bool guest_has_program(const struct guest_root *root, const char *path);

/* The name itself is a regular file, no symlink. */
bool guest_is_plain_file(const struct guest_root *root, const char *path);

/*
 * Open a regular file for reading. Absent as above: -1 and err->code ENOENT; other
 * codes are real failures.
 */
int guest_open(const struct guest_root *root, const char *path, struct error *err);

/* Append the file's bytes, GUEST_TEXT_MAX at most: 1, or 0 when absent, or -1. */
int guest_read(const struct guest_root *root, const char *path, struct strbuf *out,
	       struct error *err);

/* Append the first line without its LF: 1, or 0 when absent, or -1. */
int guest_first_line(const struct guest_root *root, const char *path, struct strbuf *out,
		     struct error *err);

/* Append the link's text; false when path is no symlink. */
bool guest_readlink(const struct guest_root *root, const char *path, struct strbuf *out);

/* Append path with all links resolved in-root; false when it does not exist. */
bool guest_resolve(const struct guest_root *root, const char *path, struct strbuf *out);

/*
 * Names in a directory that wanted accepts, sorted, NULL at the end; an absent
 * directory has none. Only the first GUEST_LIST_MAX entries are looked at. The caller
 * frees with free_words.
 */
int guest_list(const struct guest_root *root, const char *path,
	       bool (*wanted)(const char *name), char ***names, struct error *err);
