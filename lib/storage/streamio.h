/*
 * The bytes of streams (storage.md 6.8): 8 bytes of size, little-endian, and then an image
 * or a tar archive. Reads and writes the descriptors and paths that it is given.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

int stream_put_size(int fd, uint64_t bytes, struct error *err);

/* Fails at the end of the stream. */
int stream_get_size(int fd, uint64_t *bytes, struct error *err);

/* Send size and bytes of an image file or block device. */
int stream_put_image(const char *path, int fd, struct error *err);

/*
 * Fill an image with size bytes of the stream, which may not end earlier. is_zeroed: it
 * reads as zeros now, so zeros are left out.
 */
int stream_get_image(int fd, uint64_t size, const char *path, bool is_zeroed,
		     struct error *err);

/* Send size 0 and a tar archive of a directory, by GNU tar; and unpack one into it. */
int stream_put_tree(const char *path, int fd, struct error *err);
int stream_get_tree(int fd, const char *path, struct error *err);
