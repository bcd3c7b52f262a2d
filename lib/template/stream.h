/*
 * The raw tar stream of a compressed archive: a thread reads and decompresses into a
 * ring of blocks while the caller works on earlier ones, so that both use a processor
 * of their own. Touches nothing but the descriptor it is given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "template/compression.h"

struct stream;

/*
 * Start the thread. fd is read from where it stands, at most bwlimit_kib KiB/s of the
 * compressed bytes (0: no limit). NULL on failure. The stream lives until the process
 * ends: it belongs to a child that unpacks one archive and exits.
 */
struct stream *stream_start(int fd, enum compression compression, uint64_t bwlimit_kib,
			    struct error *err);

/*
 * The next bytes; they stay valid until the next call. Returns their number, 0 at the
 * end, -1 when the data is damaged, ends early or cannot be read.
 */
ssize_t stream_next(struct stream *stream, const void **bytes, struct error *err);

/* Bytes handed out so far, and compressed bytes read for them. */
uint64_t stream_bytes(const struct stream *stream);
uint64_t stream_compressed_bytes(const struct stream *stream);

/*
 * Did the stream come to its end, and without the zero block that ends every tar
 * archive? Then members may be missing.
 */
bool stream_is_cut(const struct stream *stream);
