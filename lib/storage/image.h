/*
 * What the header of a disk image file says. The bytes may come from anyone: nothing
 * in them is trusted beyond its range. Reads one descriptor.
 */
#pragma once

#include <stdint.h>

#include "base/strbuf.h"

struct image {
	uint64_t size;         /* bytes that a guest sees */
	struct strbuf backing; /* name of the file it is an overlay of; empty: none */
};

/*
 * Fill image (backing starts as STRBUF_INIT) from an open file of file_size bytes.
 * format is "raw", "qcow2" or "vmdk"; without the header of its format a file counts
 * with its own size.
 */
void image_read(int fd, const char *format, uint64_t file_size, struct image *image);
