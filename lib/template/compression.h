/*
 * The compressions of template archives, told apart by the file name's suffix alone
 * (templates.md 6). Pure.
 */
#pragma once

#include "base/error.h"

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_BZIP2,
	COMPRESSION_XZ,
	COMPRESSION_LZO, /* unpacked by the host's lzop, before our own reader */
	COMPRESSION_ZSTD,
};

/* Failure: "file does not look like a template archive: <path>". */
int compression_of(const char *path, enum compression *out, struct error *err);
