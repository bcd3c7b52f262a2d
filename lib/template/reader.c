#include "template/reader.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "template/extract.h"

#define TOLD_MAX 20 /* ignored errors that are printed one by one */

double reader_now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* At most once a second, all on one line. */
static void show_progress(struct reader *reader)
{
	double now = reader_now_s();
	char done[16];

	if (now - reader->shown_s < 1)
		return;
	reader->shown_s = now;
	human_size(stream_bytes(reader->stream), done);
	if (reader->size)
		dprintf(STDOUT_FILENO, "\r%s, %u%%\033[K", done,
			(unsigned)(stream_compressed_bytes(reader->stream) * 100 /
				   reader->size));
	else
		dprintf(STDOUT_FILENO, "\r%s\033[K", done);
}

static void clear_progress(const struct reader *reader)
{
	if (reader->shown_s > reader->start_s)
		dprintf(STDOUT_FILENO, "\r\033[K");
}

static la_ssize_t read_stream(struct archive *archive, void *arg, const void **bytes)
{
	struct reader *reader = arg;
	ssize_t got = stream_next(reader->stream, bytes, &reader->error);

	if (got < 0)
		archive_set_error(archive, EIO, "%s", reader->error.text);
	else if (reader->shows_progress)
		show_progress(reader);
	return got;
}

static int archive_failure(struct archive *archive, const struct reader *reader,
			   struct error *err)
{
	const char *why = archive_error_string(archive);

	if (reader->error.text[0]) {
		*err = reader->error;
		return -1;
	}
	return fail(err, 0, "archive is damaged or truncated: %s",
		    why ? why : "unknown reason");
}

/* 0 when the error stands, 1 when it is one of those to ignore. */
int reader_ignore(struct reader *reader, const struct error *err)
{
	if (!reader->ignores_errors)
		return 0;
	if (++reader->ignored <= TOLD_MAX) {
		clear_progress(reader);
		dprintf(STDOUT_FILENO, "%s\n", err->text);
	}
	return 1;
}

static int read_members(struct reader *reader, struct archive *archive, struct error *err)
{
	struct archive_entry *entry;
	bool is_empty = true;
	int code;

	while ((code = archive_read_next_header(archive, &entry)) != ARCHIVE_EOF) {
		if (code < ARCHIVE_WARN)
			return archive_failure(archive, reader, err);
		is_empty = false;
		if (reader->member(reader->arg, archive, entry, err) < 0) {
			if (reader->error.text[0])
				return archive_failure(archive, reader, err);
			if (!reader_ignore(reader, err))
				return -1;
		}
	}
	if (reader->is_layer)
		return 0;
	if (is_empty)
		return fail(err, 0, "archive has no members");
	if (stream_is_cut(reader->stream))
		return fail(err, 0, "archive is damaged or truncated: it has no end mark");
	return 0;
}

/* What follows the last member counts too, and shows whether the compression is whole. */
static int drain(struct reader *reader, struct error *err)
{
	const void *bytes;
	ssize_t got;

	do
		got = stream_next(reader->stream, &bytes, err);
	while (got > 0);
	return (int)got;
}

static int open_and_read(struct reader *reader, struct archive *archive, struct error *err)
{
	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_append_filter(archive, ARCHIVE_FILTER_NONE) != ARCHIVE_OK ||
	    archive_read_open(archive, reader, NULL, read_stream, NULL) != ARCHIVE_OK)
		return archive_failure(archive, reader, err);
	if (read_members(reader, archive, err) < 0 && !reader_ignore(reader, err))
		return -1;
	if (!reader->error.text[0] && drain(reader, err) < 0 && !reader_ignore(reader, err))
		return -1;
	return 0;
}

int reader_run(struct reader *reader, struct error *err)
{
	struct archive *archive = archive_read_new();
	int status;

	if (!archive)
		return fail(err, ENOMEM, "cannot read the archive");
	reader->start_s = reader->shown_s = reader_now_s();
	status = open_and_read(reader, archive, err);
	clear_progress(reader);
	if (status == 0)
		archive_read_free(archive); /* else the process ends with all it has */
	return status;
}
