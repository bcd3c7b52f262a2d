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

#include "base/digest.h"
#include "base/error.h"
#include "template/compression.h"

struct stream;

struct stream_input {
	int fd;        /* read from where it stands */
	uint64_t size; /* at most so many bytes; 0: to its end */
	enum compression compression;
	uint64_t bwlimit_kib; /* KiB/s of the compressed bytes; 0: no limit */
	bool is_hashed;       /* for stream_end */
};

/*
 * Start the thread. NULL on failure. The stream lives until stream_end or until the
 * process ends: it belongs to a child that unpacks one archive and exits.
 */
struct stream *stream_start(const struct stream_input *input, struct error *err);

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

/* SHA-256 of a stream before and after decompression. */
struct stream_digests {
	char packed[SHA256_SIZE], plain[SHA256_SIZE];
};

/*
 * Free a stream that stream_next has brought to its end. digests are those of all its
 * bytes if the input is_hashed; NULL otherwise.
 */
void stream_end(struct stream **stream, struct stream_digests *digests);
