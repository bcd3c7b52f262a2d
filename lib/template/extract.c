#include "template/extract.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "template/member.h"
#include "template/stream.h"

#define TOLD_MAX 20 /* ignored errors that are printed one by one */

struct reader {
	const struct extract *extract;
	struct stream *stream;
	struct error error; /* of the stream; text empty: none */
	double start_s, shown_s;
	unsigned long ignored;
};

void extract_prepare(void)
{
	/*
	 * In the locale "C" names of pax headers that are more than ASCII cannot be
	 * converted, and libarchive then hands their bytes over as they are; in a UTF-8
	 * locale it would compose accents and so change names. It asks iconv, which reads
	 * its list of modules once per process. glibc refuses to close what did not open.
	 */
	iconv_close(iconv_open("ANSI_X3.4-1968", "UTF-8"));
}

void human_size(uint64_t bytes, char out[16])
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	unsigned unit = 0, shift;
	unsigned __int128 tenths, whole;

	while (unit < 6 && bytes >> (10 * unit) >= 1024)
		unit++;
	shift = 10 * unit;
	tenths = (((unsigned __int128)bytes * 10) + (((uint64_t)1 << shift) - 1)) >> shift;
	whole = ((unsigned __int128)bytes + (((uint64_t)1 << shift) - 1)) >> shift;
	if (whole == 1024 && unit < 6)
		snprintf(out, 16, "1.0%s", units[unit + 1]);
	else if (unit > 0 && tenths < 100)
		snprintf(out, 16, "%u.%u%s", (unsigned)tenths / 10, (unsigned)tenths % 10,
			 units[unit]);
	else
		snprintf(out, 16, "%u%s", (unsigned)whole, units[unit]);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* At most once a second, all on one line. */
static void show_progress(struct reader *reader)
{
	double now = now_s();
	char done[16];

	if (now - reader->shown_s < 1)
		return;
	reader->shown_s = now;
	human_size(stream_bytes(reader->stream), done);
	if (reader->extract->size)
		dprintf(STDOUT_FILENO, "\r%s, %u%%\033[K", done,
			(unsigned)(stream_compressed_bytes(reader->stream) * 100 /
				   reader->extract->size));
	else
		dprintf(STDOUT_FILENO, "\r%s\033[K", done);
}

static void clear_progress(const struct reader *reader)
{
	if (reader->shown_s > reader->start_s)
		dprintf(STDOUT_FILENO, "\r\033[K");
}

static void print_totals(const struct reader *reader)
{
	double elapsed = now_s() - reader->start_s;
	uint64_t bytes = stream_bytes(reader->stream);
	char total[16], rate[16] = "?";

	human_size(bytes, total);
	if (elapsed > 0)
		human_size((uint64_t)((double)bytes / elapsed), rate);
	dprintf(STDOUT_FILENO, "Total bytes read: %llu (%s, %s/s)\n",
		(unsigned long long)bytes, total, rate);
}

static la_ssize_t read_stream(struct archive *archive, void *arg, const void **bytes)
{
	struct reader *reader = arg;
	ssize_t got = stream_next(reader->stream, bytes, &reader->error);

	if (got < 0)
		archive_set_error(archive, EIO, "%s", reader->error.text);
	else if (reader->extract->shows_progress)
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
static int ignore(struct reader *reader, const struct error *err)
{
	if (!reader->extract->ignore_errors)
		return 0;
	if (++reader->ignored <= TOLD_MAX) {
		clear_progress(reader);
		dprintf(STDOUT_FILENO, "%s\n", err->text);
	}
	return 1;
}

static int put_members(struct unpacker *unpacker, struct archive *archive,
		       struct reader *reader, struct error *err)
{
	struct archive_entry *entry;
	bool is_empty = true;
	int code;

	while ((code = archive_read_next_header(archive, &entry)) != ARCHIVE_EOF) {
		if (code < ARCHIVE_WARN)
			return archive_failure(archive, reader, err);
		is_empty = false;
		if (member_put(unpacker, archive, entry, err) < 0) {
			if (reader->error.text[0])
				return archive_failure(archive, reader, err);
			if (!ignore(reader, err))
				return -1;
		}
	}
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

static int unpack(struct unpacker *unpacker, struct archive *archive, struct reader *reader,
		  struct error *err)
{
	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_append_filter(archive, ARCHIVE_FILTER_NONE) != ARCHIVE_OK ||
	    archive_read_open(archive, reader, NULL, read_stream, NULL) != ARCHIVE_OK)
		return archive_failure(archive, reader, err);
	if (put_members(unpacker, archive, reader, err) < 0 && !ignore(reader, err))
		return -1;
	if (!reader->error.text[0] && drain(reader, err) < 0 && !ignore(reader, err))
		return -1;
	if (later_apply(&unpacker->later, err) < 0 && !ignore(reader, err))
		return -1;
	return 0;
}

int extract_run(void *arg, const struct sandbox_io *io, struct error *err)
{
	const struct extract *extract = arg;
	struct reader reader = { .extract = extract, .start_s = now_s() };
	auto_unpacker struct unpacker unpacker = { 0 };
	struct archive *archive;
	int status;

	umask(0);
	reader.shown_s = reader.start_s;
	if (unpacker_init(&unpacker, io->root, extract->can_make_devices, err) < 0)
		return -1;
	unpacker.volumes = extract->volumes;
	reader.stream =
		stream_start(extract->fd, extract->compression, extract->bwlimit_kib, err);
	if (!reader.stream)
		return -1;
	archive = archive_read_new();
	if (!archive)
		return fail(err, ENOMEM, "cannot read the archive");
	status = unpack(&unpacker, archive, &reader, err);
	clear_progress(&reader);
	if (status < 0)
		return -1; /* the process ends with all it has */
	print_totals(&reader);
	if (reader.ignored > 0)
		dprintf(io->report, "%lu", reader.ignored);
	archive_read_free(archive);
	return 0;
}
