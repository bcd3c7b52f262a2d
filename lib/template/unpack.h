/*
 * Running the program pct-unpack, the only one that reads archives with libarchive: what
 * it and its callers in this room agree on.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "template/compression.h"

/* Descriptors in pct-unpack. */
#define UNPACK_ROOT_FD   3 /* of the root */
#define UNPACK_REPORT_FD 4 /* with "image": where what the image says is written */

/* Exit statuses besides 0 and 1. */
#define UNPACK_IGNORED   3 /* done, but errors were ignored */
#define UNPACK_VPS_CONF  4 /* "config": the configuration is one of OpenVZ */
#define UNPACK_NO_CONFIG 5 /* "config": there is none */
#define UNPACK_IMAGE     6 /* "detect": it is an image */

struct unpack_run {
	enum compression compression;
	const char *const *words; /* its other words, ended by NULL */
	int archive_fd, root_fd;
	int stdout_fd; /* 0: ours */
	int report_fd; /* its UNPACK_REPORT_FD; 0: none */
	bool is_whole; /* it is to read all, so that a failing lzop counts */
};

/* The archive for reading; only a regular file. */
int unpack_open(const char *path, struct error *err);

/*
 * Run it, lzop in front of it if need be, and stop it when an interrupt comes. Returns its
 * exit status; errors gets what it says on standard error.
 */
int unpack_run(const struct unpack_run *run, struct strbuf *errors, struct error *err);

/* Why it ended with that status. Always returns -1. */
int unpack_fail(int status, const struct strbuf *errors, struct error *err);
