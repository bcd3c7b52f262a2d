#include "template/head.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "template/stream.h"

struct head {
	struct stream *stream;
	struct error error; /* of the stream; text empty: none */
};

static la_ssize_t read_stream(struct archive *archive, void *arg, const void **bytes)
{
	struct head *head = arg;
	ssize_t got = stream_next(head->stream, bytes, &head->error);

	if (got < 0)
		archive_set_error(archive, EIO, "%s", head->error.text);
	return got;
}

static int fail_damaged(struct archive *archive, const struct head *head, struct error *err)
{
	const char *why = archive_error_string(archive);

	if (head->error.text[0]) {
		*err = head->error;
		return -1;
	}
	return fail(err, 0, "archive is damaged or truncated: %s",
		    why ? why : "unknown reason");
}

static char mark_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (!name)
		return HEAD_NONE;
	return strcmp(name, "./etc/vzdump/pct.conf") == 0   ? HEAD_PCT
	       : strcmp(name, "./etc/vzdump/vps.conf") == 0 ? HEAD_VPS
							    : HEAD_NONE;
}

static int check_entry(struct archive_entry *entry, struct error *err)
{
	const char *name = archive_entry_pathname(entry);

	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
		return fail(err, 0, "'%s' in the archive is not a regular file", name);
	if (archive_entry_size(entry) > HEAD_MAX)
		return fail(err, 0, "'%s' in the archive is larger than %d KiB", name,
			    HEAD_MAX / 1024);
	return 0;
}

/* Its size is known to be small; holes are read as zeros. */
static int send(struct archive *archive, const struct head *head, int report,
		struct error *err)
{
	char bytes[65536];
	la_ssize_t got;

	while ((got = archive_read_data(archive, bytes, sizeof(bytes))) > 0)
		if (write_all(report, bytes, (size_t)got, err) < 0)
			return -1;
	return got < 0 ? fail_damaged(archive, head, err) : 0;
}

static int search(struct archive *archive, const struct head *head, int report,
		  struct error *err)
{
	struct archive_entry *entry;
	char mark;
	int code;

	while ((code = archive_read_next_header(archive, &entry)) != ARCHIVE_EOF) {
		if (code < ARCHIVE_WARN)
			return fail_damaged(archive, head, err);
		mark = mark_of(entry);
		if (mark == HEAD_NONE)
			continue;
		if (check_entry(entry, err) < 0 || write_all(report, &mark, 1, err) < 0)
			return -1;
		return send(archive, head, report, err);
	}
	mark = HEAD_NONE;
	return write_all(report, &mark, 1, err);
}

int head_run(void *arg, const struct sandbox_io *io, struct error *err)
{
	const struct extract *extract = arg;
	struct archive *archive = archive_read_new();
	struct head head = { 0 };
	int status;

	if (!archive)
		return fail(err, ENOMEM, "cannot read the archive");
	head.stream =
		stream_start(&(struct stream_input){ .fd = extract->fd,
						     .compression = extract->compression },
			     err);
	if (!head.stream)
		return -1; /* the process ends with all it has */
	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_append_filter(archive, ARCHIVE_FILTER_NONE) != ARCHIVE_OK ||
	    archive_read_open(archive, &head, NULL, read_stream, NULL) != ARCHIVE_OK)
		return fail_damaged(archive, &head, err);
	status = search(archive, &head, io->report, err);
	archive_read_free(archive);
	return status;
}
