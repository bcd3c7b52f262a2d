#include "template/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"

#define BLOCK_SIZE (256 * 1024)
#define BLOCKS     16
#define READ_SIZE  (256 * 1024)
#define TAR_BLOCK  512

struct block {
	size_t len;
	char bytes[BLOCK_SIZE];
};

struct stream {
	struct stream_input in;
	int64_t start_ns;
	atomic_uint_least64_t compressed;
	struct sha256 *packed; /* the thread's; NULL: nobody asked */
	pthread_t thread;

	pthread_mutex_t mutex; /* guards filled, taken, ended, error */
	pthread_cond_t changed;
	unsigned long filled, taken; /* blocks since the start */
	bool ended;                  /* filled is final */
	struct error error;          /* text empty: the data ended well */

	/* The reader's side. */
	struct sha256 *plain;
	bool holds_block;
	bool drained;
	bool ends_with_zeros;
	uint64_t bytes;

	char input[READ_SIZE];
	struct block ring[BLOCKS];
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Sleep until so many bytes may have been read. */
static void hold_back(const struct stream *stream)
{
	double wanted_s =
		(double)stream->compressed / 1024.0 / (double)stream->in.bwlimit_kib;
	int64_t wait_ns = stream->start_ns + (int64_t)(wanted_s * 1e9) - now_ns();

	if (wait_ns > 0)
		nanosleep(&(struct timespec){ .tv_sec = (time_t)(wait_ns / 1000000000),
					      .tv_nsec = (long)(wait_ns % 1000000000) },
			  NULL);
}

/* How much the next read may bring. */
static size_t next_size(const struct stream *stream)
{
	uint64_t limit = stream->in.bwlimit_kib * 128; /* eight reads a second */
	uint64_t left = stream->in.size - stream->compressed;
	size_t want = READ_SIZE;

	if (limit && limit < want)
		want = (size_t)limit;
	if (stream->in.size && left < want)
		want = (size_t)left;
	return want;
}

static la_ssize_t read_input(struct archive *archive, void *arg, const void **bytes)
{
	struct stream *stream = arg;
	ssize_t got;

	if (stream->in.bwlimit_kib)
		hold_back(stream);
	do
		got = read(stream->in.fd, stream->input, next_size(stream));
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		archive_set_error(archive, errno, "cannot read: %s", strerror(errno));
	} else {
		stream->compressed += (uint64_t)got;
		if (stream->packed)
			sha256_add(stream->packed, stream->input, (size_t)got);
	}
	*bytes = stream->input;
	return got;
}

/* The filter is forced: what is inside has no say in which decompressor runs. */
static int add_filter(struct archive *archive, enum compression compression)
{
	static const int codes[] = {
		[COMPRESSION_NONE] = ARCHIVE_FILTER_NONE,
		[COMPRESSION_GZIP] = ARCHIVE_FILTER_GZIP,
		[COMPRESSION_BZIP2] = ARCHIVE_FILTER_BZIP2,
		[COMPRESSION_XZ] = ARCHIVE_FILTER_XZ,
		[COMPRESSION_LZO] = ARCHIVE_FILTER_NONE,
		[COMPRESSION_ZSTD] = ARCHIVE_FILTER_ZSTD,
	};

	return archive_read_append_filter(archive, codes[compression]);
}

static int archive_failure(struct archive *archive, struct error *err)
{
	const char *why = archive_error_string(archive);

	return fail(err, 0, "archive is damaged or truncated: %s",
		    why ? why : "unknown reason");
}

static struct block *wait_for_free_block(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	while (stream->filled - stream->taken == BLOCKS)
		pthread_cond_wait(&stream->changed, &stream->mutex);
	pthread_mutex_unlock(&stream->mutex);
	return &stream->ring[stream->filled % BLOCKS];
}

static void publish(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	stream->filled++;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->mutex);
}

static int decompress(struct stream *stream, struct archive *archive, struct error *err)
{
	struct archive_entry *entry;
	int code;

	if (archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    add_filter(archive, stream->in.compression) < ARCHIVE_WARN ||
	    archive_read_open(archive, stream, NULL, read_input, NULL) != ARCHIVE_OK)
		return archive_failure(archive, err);
	code = archive_read_next_header(archive, &entry);
	if (code == ARCHIVE_EOF)
		return 0;
	if (code < ARCHIVE_WARN)
		return archive_failure(archive, err);
	for (;;) {
		struct block *block = wait_for_free_block(stream);
		la_ssize_t got = archive_read_data(archive, block->bytes, BLOCK_SIZE);

		if (got < 0)
			return archive_failure(archive, err);
		if (got == 0)
			return 0;
		block->len = (size_t)got;
		publish(stream);
	}
}

static void *run_thread(void *arg)
{
	struct stream *stream = arg;
	struct archive *archive = archive_read_new();
	struct error err = { 0 };
	int status = archive ? decompress(stream, archive, &err)
			     : fail(&err, ENOMEM, "cannot read the archive");

	archive_read_free(archive);
	pthread_mutex_lock(&stream->mutex);
	if (status < 0)
		stream->error = err;
	stream->ended = true;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->mutex);
	return NULL;
}

struct stream *stream_start(const struct stream_input *input, struct error *err)
{
	struct stream *stream = xmalloc(sizeof(*stream));
	int code;

	memset(stream, 0, offsetof(struct stream, input));
	stream->in = *input;
	stream->start_ns = now_ns();
	stream->packed = input->is_hashed ? sha256_new() : NULL;
	stream->plain = input->is_hashed ? sha256_new() : NULL;
	pthread_mutex_init(&stream->mutex, NULL);
	pthread_cond_init(&stream->changed, NULL);
	code = pthread_create(&stream->thread, NULL, run_thread, stream);
	if (code == 0)
		return stream;
	fail(err, code, "cannot start a thread");
	free_ptr(&stream->packed);
	free_ptr(&stream->plain);
	free_ptr(&stream);
	return NULL;
}

static bool is_zero(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

ssize_t stream_next(struct stream *stream, const void **bytes, struct error *err)
{
	const struct block *block;
	bool has_block;
	size_t tail;

	pthread_mutex_lock(&stream->mutex);
	if (stream->holds_block) {
		stream->taken++;
		stream->holds_block = false;
		pthread_cond_signal(&stream->changed);
	}
	while (stream->filled == stream->taken && !stream->ended)
		pthread_cond_wait(&stream->changed, &stream->mutex);
	has_block = stream->filled != stream->taken;
	pthread_mutex_unlock(&stream->mutex);
	if (!has_block) {
		stream->drained = true;
		*err = stream->error;
		return err->text[0] ? -1 : 0;
	}
	block = &stream->ring[stream->taken % BLOCKS];
	tail = block->len < TAR_BLOCK ? block->len : TAR_BLOCK;
	stream->holds_block = true;
	stream->bytes += block->len;
	if (stream->plain)
		sha256_add(stream->plain, block->bytes, block->len);
	stream->ends_with_zeros = is_zero(block->bytes + block->len - tail, tail);
	*bytes = block->bytes;
	return (ssize_t)block->len;
}

uint64_t stream_bytes(const struct stream *stream)
{
	return stream->bytes;
}

uint64_t stream_compressed_bytes(const struct stream *stream)
{
	return stream->compressed;
}

bool stream_is_cut(const struct stream *stream)
{
	return stream->drained && !stream->ends_with_zeros;
}

/*
 * What a filter leaves over belongs to the packed bytes all the same: they are a file of
 * their own, with a digest of their own.
 */
static void read_rest(struct stream *stream)
{
	const void *bytes;
	struct archive *archive = archive_read_new();

	while (archive && read_input(archive, stream, &bytes) > 0)
		continue;
	archive_read_free(archive);
}

void stream_end(struct stream **stream, struct stream_digests *digests)
{
	struct stream *old = *stream;

	pthread_join(old->thread, NULL);
	if (old->packed) {
		read_rest(old);
		sha256_end(&old->packed, digests->packed);
		sha256_end(&old->plain, digests->plain);
	}
	pthread_mutex_destroy(&old->mutex);
	pthread_cond_destroy(&old->changed);
	free_ptr(stream);
}
