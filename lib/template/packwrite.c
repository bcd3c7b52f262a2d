#include "template/packwrite.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "template/extract.h"
#include "template/packentry.h"
#include "template/packexclude.h"
#include "template/packwalk.h"

#define BUFFER_SIZE (256 * 1024)
#define TAR_RECORD  10240

struct writer {
	const struct packing *packing;
	struct archive *archive;
	struct archive_entry_linkresolver *links;
	int64_t start_ms;
	uint64_t bytes;
	char buffer[BUFFER_SIZE];
};

void packing_prepare(void)
{
	/*
	 * In a UTF-8 locale names that are UTF-8 go into pax headers as they are; others
	 * are marked as bytes. libarchive asks iconv all the same, which reads its list of
	 * modules once per process.
	 */
	setlocale(LC_CTYPE, "C.UTF-8");
	iconv_close(iconv_open("UTF-8", "UTF-8"));
}

/* Sleep until so many bytes of the stream may have gone out. */
static void hold_back(const struct writer *writer)
{
	uint64_t limit = writer->packing->bwlimit_kib;
	int64_t due = limit ? (int64_t)(writer->bytes * 1000 / 1024 / limit) : 0;
	int64_t left = writer->start_ms + due - clock_ms();

	if (left > 0)
		clock_pause((unsigned)left);
}

static la_ssize_t write_stream(struct archive *archive, void *arg, const void *bytes,
			       size_t len)
{
	struct writer *writer = arg;
	struct error err = { 0 };

	hold_back(writer);
	if (write_all(writer->packing->out, bytes, len, &err) < 0) {
		archive_set_error(archive, err.code ? err.code : EIO, "%s", err.text);
		return -1;
	}
	writer->bytes += len;
	return (la_ssize_t)len;
}

static int archive_failure(const struct writer *writer, struct error *err)
{
	const char *why = archive_error_string(writer->archive);

	return fail(err, 0, "cannot write the archive: %s", why ? why : "unknown reason");
}

static int put_bytes(struct writer *writer, const char *bytes, size_t len,
		     struct error *err)
{
	while (len > 0) {
		la_ssize_t put = archive_write_data(writer->archive, bytes, len);

		if (put <= 0)
			return archive_failure(writer, err);
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

/* From start on: what is left of a file that became shorter would shift all that follows.
 */
static int put_part(struct writer *writer, int fd, int64_t start, int64_t end,
		    struct error *err)
{
	while (start < end) {
		size_t want =
			end - start < BUFFER_SIZE ? (size_t)(end - start) : BUFFER_SIZE;
		ssize_t got = pread(fd, writer->buffer, want, start);

		if (got < 0)
			return fail(err, errno, "cannot read");
		if (got == 0)
			return fail(err, 0, "the file became shorter");
		if (put_bytes(writer, writer->buffer, (size_t)got, err) < 0)
			return -1;
		start += got;
	}
	return 0;
}

/* The writer drops them, but wants to be told. */
static int put_hole(struct writer *writer, int64_t start, int64_t end, struct error *err)
{
	static const char zeros[BUFFER_SIZE];

	for (; start < end; start += BUFFER_SIZE)
		if (put_bytes(writer, zeros,
			      end - start < BUFFER_SIZE ? (size_t)(end - start)
							: BUFFER_SIZE,
			      err) < 0)
			return -1;
	return 0;
}

static int put_content(struct writer *writer, struct archive_entry *entry, int fd,
		       struct error *err)
{
	int64_t size = archive_entry_size(entry), at = 0, start, len;

	if (archive_entry_sparse_reset(entry) == 0)
		return put_part(writer, fd, 0, size, err);
	while (archive_entry_sparse_next(entry, &start, &len) == ARCHIVE_OK) {
		if (put_hole(writer, at, start, err) < 0 ||
		    put_part(writer, fd, start, start + len, err) < 0)
			return -1;
		at = start + len;
	}
	return put_hole(writer, at, size, err);
}

static int put_header(struct writer *writer, struct archive_entry *entry, struct error *err)
{
	/* A number that only this host knows has no place in the archive. */
	archive_entry_set_dev(entry, 0);
	archive_entry_set_ino(entry, 0);
	archive_entry_set_nlink(entry, 1);
	if (archive_write_header(writer->archive, entry) < ARCHIVE_WARN)
		return archive_failure(writer, err);
	return 0;
}

static int put_file(struct writer *writer, struct archive_entry *entry, int fd,
		    struct error *err)
{
	if (archive_entry_size(entry) > 0 &&
	    entry_add_holes(entry, fd, archive_entry_size(entry), err) < 0)
		return -1;
	return put_header(writer, entry, err) < 0 ? -1
						  : put_content(writer, entry, fd, err);
}

static int open_file(const struct packed *packed, struct error *err)
{
	auto_close int fd = open(packed->path,
				 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(err, errno, "cannot open");
	if (st.st_dev != packed->st->st_dev || st.st_ino != packed->st->st_ino)
		return fail(err, 0, "the file was replaced");
	return take_fd(&fd);
}

static int add_target(struct archive_entry *entry, const struct packed *packed,
		      struct error *err)
{
	char target[PATH_MAX];
	ssize_t len = readlink(packed->path, target, sizeof(target) - 1);

	if (len < 0)
		return fail(err, errno, "cannot read the symlink");
	target[len] = '\0';
	archive_entry_copy_symlink(entry, target);
	return 0;
}

static int put_member(struct writer *writer, struct archive_entry *entry,
		      const struct packed *packed, struct error *err)
{
	auto_close int fd = -1;

	if (S_ISLNK(packed->st->st_mode) && add_target(entry, packed, err) < 0)
		return -1;
	if (entry_add_attributes(entry, packed->path, err) < 0 ||
	    entry_add_acls(entry, packed->path, err) < 0)
		return -1;
	if (!S_ISREG(packed->st->st_mode))
		return put_header(writer, entry, err);
	fd = open_file(packed, err);
	return fd < 0 ? -1 : put_file(writer, entry, fd, err);
}

static void free_entry(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}
#define auto_entry __attribute__((cleanup(free_entry)))

static struct archive_entry *new_entry(const char *member, const struct stat *st)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_copy_stat(entry, st);
	archive_entry_copy_pathname(entry, member);
	if (!S_ISREG(st->st_mode))
		archive_entry_set_size(entry, 0);
	return entry;
}

static int visit(void *arg, const struct packed *packed, struct error *err)
{
	struct writer *writer = arg;
	auto_entry struct archive_entry *entry = NULL, *spare = NULL;

	if (S_ISSOCK(packed->st->st_mode))
		return 0;
	entry = new_entry(packed->member, packed->st);
	archive_entry_linkify(writer->links, &entry, &spare);
	if (archive_entry_hardlink(entry))
		return put_header(writer, entry, err);
	return put_member(writer, entry, packed, err);
}

static bool is_excluded(void *arg, const char *member)
{
	const struct writer *writer = arg;

	return pack_is_excluded(writer->packing->patterns, member);
}

/* A file of the backup itself, which is no part of the tree. */
static int put_own(struct writer *writer, int fd, const char *member, struct error *err)
{
	auto_entry struct archive_entry *entry = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, errno, "%s: cannot stat", member);
	entry = new_entry(member, &st);
	return put_file(writer, entry, fd, err) < 0 ? fail_in(err, "%s", member) : 0;
}

static int put_tree(struct writer *writer, int root, const char *path, struct error *err)
{
	const struct pack_visitor visitor = { .is_excluded = is_excluded,
					      .visit = visit,
					      .arg = writer };
	auto_free char *member = path ? xasprintf("./%s", path) : xstrdup(".");
	auto_close int fd =
		open_beneath(root, path ? path : ".", O_RDONLY | O_DIRECTORY, 0, err);

	return fd < 0 ? -1 : pack_walk(fd, member, &visitor, err);
}

static int put_all(struct writer *writer, int root, struct error *err)
{
	const struct packing *packing = writer->packing;

	if (put_own(writer, packing->config, "./etc/vzdump/pct.conf", err) < 0 ||
	    put_own(writer, packing->firewall, "./etc/vzdump/pct.fw", err) < 0 ||
	    put_tree(writer, root, NULL, err) < 0)
		return -1;
	for (const char *const *path = packing->mount_points; path && *path; path++)
		if (put_tree(writer, root, *path, err) < 0)
			return -1;
	if (archive_write_close(writer->archive) != ARCHIVE_OK)
		return archive_failure(writer, err);
	return 0;
}

static int open_archive(struct writer *writer, struct error *err)
{
	struct archive *archive = writer->archive;

	if (archive_write_set_format_pax(archive) != ARCHIVE_OK ||
	    archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY") !=
		    ARCHIVE_OK ||
	    archive_write_add_filter_none(archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(archive, BUFFER_SIZE) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(archive, TAR_RECORD) != ARCHIVE_OK ||
	    archive_write_open(archive, writer, NULL, write_stream, NULL) != ARCHIVE_OK)
		return archive_failure(writer, err);
	archive_entry_linkresolver_set_strategy(writer->links, archive_format(archive));
	return 0;
}

static void print_totals(const struct writer *writer)
{
	double seconds = (double)(clock_ms() - writer->start_ms) / 1000;
	char total[16], rate[16] = "?";

	human_size(writer->bytes, total);
	if (seconds > 0)
		human_size((uint64_t)((double)writer->bytes / seconds), rate);
	dprintf(writer->packing->log, "Total bytes written: %llu (%s, %s/s)\n",
		(unsigned long long)writer->bytes, total, rate);
}

int packing_run(void *arg, const struct sandbox_io *io, struct error *err)
{
	auto_free struct writer *writer = xcalloc(1, sizeof(*writer));
	int status;

	writer->packing = arg;
	writer->start_ms = clock_ms();
	writer->archive = archive_write_new();
	writer->links = archive_entry_linkresolver_new();
	if (!writer->archive || !writer->links)
		return fail(err, ENOMEM, "cannot write the archive");
	status = open_archive(writer, err);
	if (status == 0)
		status = put_all(writer, io->root, err);
	if (status < 0)
		return -1; /* the process ends with all it has */
	print_totals(writer);
	archive_write_free(writer->archive);
	archive_entry_linkresolver_free(writer->links);
	return 0;
}
