/*
 * The work of pct-unpack inside the sandbox: read a tar stream, put every member into
 * the tree, print the totals as GNU tar does. Touches the tree and standard output.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/sandbox.h"
#include "template/compression.h"

struct extract {
	int fd; /* the archive */
	enum compression compression;
	bool can_make_devices; /* privileged */
	bool ignore_errors;    /* tell them on standard output and go on */
	bool shows_progress;   /* standard output is a terminal */
	uint64_t bwlimit_kib;  /* KiB/s of the archive file; 0: none */
	uint64_t size;         /* of the archive file in bytes; 0: unknown */
	char **volumes;        /* as in struct unpack; or NULL */
	char **kept;           /* for images: mount points that mounts.h keeps; or NULL */
};

/*
 * Load what the work would load later on from inside the tree, which is the guest's:
 * the list of character conversions that libarchive asks for. Call it before.
 */
void extract_prepare(void);

/*
 * For sandbox_run; arg is a struct extract. With ignore_errors the report is the number
 * of errors, in decimal, when there were any.
 */
int extract_run(void *arg, const struct sandbox_io *io, struct error *err);

/* "218MiB": rounded up, with one decimal below ten, as GNU tar --totals prints it. */
void human_size(uint64_t bytes, char out[16]);
