#include "template/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "template/compression.h"
#include "template/template.h"

#define TICK_MS   200
#define ERROR_MAX 4096

int unpack_open(const char *path, struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fail(err, errno, "cannot open archive '%s'", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(err, 0, "archive '%s' is not a regular file", path);
	return take_fd(&fd);
}

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

/* What pct-unpack is to do: "detect" or "image", or NULL for a plain archive. */
struct job {
	const char *word;
	enum compression compression;
	int archive;
	int report; /* 0: none */
};

/* "map=u 0 100000 65536" and the other words of pct-unpack's command line. */
static char **make_words(const struct unpack *unpack, const char *word)
{
	size_t maps = unpack->map ? unpack->map->count : 0, at = 0;
	size_t volumes = count_words(unpack->volumes);
	size_t kept = word ? count_words((const char *const *)unpack->kept) : 0;
	char **words = xcalloc(maps + volumes + kept + 4, sizeof(*words));

	if (word)
		words[at++] = xstrdup(word);
	if (unpack->bwlimit_kib)
		words[at++] =
			xasprintf("bwlimit=%llu", (unsigned long long)unpack->bwlimit_kib);
	if (unpack->flags & UNPACK_IGNORE_ERRORS)
		words[at++] = xstrdup("ignore-errors");
	for (size_t i = 0; i < kept; i++)
		words[at++] = xasprintf("keep=%s", unpack->kept[i]);
	for (size_t i = 0; i < maps; i++) {
		const struct idmap_range *range = &unpack->map->range[i];

		words[at++] = xasprintf("map=%c %u %u %u", range->type, range->ct,
					range->host, range->count);
	}
	for (size_t i = 0; i < volumes; i++)
		words[at++] = xasprintf("volume=%s", unpack->volumes[i]);
	return words;
}

/*
 * Collect what a child says on its standard error until nobody holds the other end any
 * more: then it and the process that it made are gone. An interrupt ends it first.
 */
static int read_errors(int fd, pid_t pid, struct strbuf *out, struct error *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	bool told = false;

	for (;;) {
		char bytes[1024];
		ssize_t got;

		if (interrupt_seen() && !told) {
			kill(pid, SIGTERM);
			told = true;
		}
		if (poll(&wait, 1, TICK_MS) <= 0)
			continue;
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(err, errno, "cannot read from 'pct-unpack'");
		if (got == 0)
			return 0;
		if (out->len < ERROR_MAX)
			strbuf_add(out, bytes, (size_t)got);
	}
}

static int run_program(const struct unpack_run *run, int archive, struct strbuf *errors,
		       struct error *err)
{
	const int keep[] = { run->root_fd, run->report_fd ? run->report_fd : -1, -1 };
	auto_free char *program = path_libexec("pct-unpack");
	auto_free char *compression = xasprintf("compression=%d", (int)run->compression);
	auto_free const char **argv = NULL;
	auto_close int reading = -1, writing = -1;
	size_t count = count_words(run->words);
	int fds[2], result, status;
	pid_t pid;

	argv = xcalloc(count + 3, sizeof(*argv));
	argv[0] = program;
	argv[1] = compression;
	memcpy(argv + 2, run->words, count * sizeof(*argv));
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	pid = process_start(&(struct process){ .argv = argv,
					       .stdin_fd = archive,
					       .stdout_fd = run->stdout_fd,
					       .stderr_fd = writing,
					       .keep_fds = keep },
			    err);
	if (pid < 0)
		return -1;
	close_fd(&writing);
	result = read_errors(reading, pid, errors, err);
	status = process_wait(pid, err);
	return result < 0 ? -1 : status;
}

/* lzop has no library that libarchive is built with: the host's program stands in front. */
static int run_behind_lzop(const struct unpack_run *run, struct strbuf *errors,
			   struct error *err)
{
	static const char *const argv[] = { "lzop", "-d", "-c", NULL };
	auto_close int reading = -1, writing = -1;
	struct error ignored;
	int fds[2], result, status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	pid = process_start(&(struct process){ .argv = argv,
					       .stdin_fd = run->archive_fd,
					       .stdout_fd = writing },
			    err);
	if (pid < 0)
		return -1;
	close_fd(&writing);
	result = run_program(run, reading, errors, err);
	close_fd(&reading);
	if (result != 0)
		kill(pid, SIGTERM);
	status = process_wait(pid, result < 0 ? &ignored : err);
	if (result < 0 || status < 0)
		return -1;
	if (result == 0 && status > 0 && run->is_whole)
		return fail(err, 0, "'lzop' failed: exit code %d", status);
	return result;
}

int unpack_run(const struct unpack_run *run, struct strbuf *errors, struct error *err)
{
	int status = run->compression == COMPRESSION_LZO
			     ? run_behind_lzop(run, errors, err)
			     : run_program(run, run->archive_fd, errors, err);

	return interrupt_check(err) < 0 ? -1 : status;
}

int unpack_fail(int status, const struct strbuf *errors, struct error *err)
{
	struct slice text = slice_trim(strbuf_slice(errors));

	if (text.len > 0) {
		fail(err, 0, SLICE_FMT, SLICE_ARG(text));
		error_escape(err);
		return -1;
	}
	if (status > 128)
		return fail(err, 0, "'pct-unpack' got signal %d", status - 128);
	return fail(err, 0, "'pct-unpack' failed: exit code %d", status);
}

static const char *name_of(const struct unpack *unpack)
{
	return unpack->archive ? unpack->archive : "STDIN";
}

/* The exit status, if it is one of those that pct-unpack has for what it did. */
static int run(const struct unpack *unpack, const struct job *job, struct error *err)
{
	auto_words char **words = make_words(unpack, job->word);
	auto_strbuf struct strbuf errors = STRBUF_INIT;
	int status = unpack_run(
		&(struct unpack_run){ .compression = job->compression,
				      .words = (const char *const *)words,
				      .archive_fd = job->archive,
				      .root_fd = unpack->rootfd,
				      .report_fd = job->report,
				      .is_whole = !(unpack->flags & UNPACK_IGNORE_ERRORS) },
		&errors, err);

	if (status == UNPACK_IGNORED)
		notes_add(unpack->notes, "errors while unpacking '%s' were ignored",
			  name_of(unpack));
	if (status == 0 || status == UNPACK_IGNORED || status == UNPACK_IMAGE)
		return status;
	if (interrupt_seen())
		return -1;
	if (status > 0)
		unpack_fail(status, &errors, err);
	return fail_in(err, "cannot unpack '%s'", name_of(unpack));
}

/*
 * Nothing is flushed to the disk here: until the container's final configuration is
 * written, the one on disk carries "lock: create", and what a power failure leaves
 * behind that lock is thrown away as a whole, never used.
 */
int template_unpack(const struct unpack *unpack, struct error *err)
{
	enum compression compression = COMPRESSION_NONE;
	auto_close int archive = -1;

	if (unpack->archive) {
		if (compression_of(unpack->archive, &compression, err) < 0)
			return -1;
		archive = unpack_open(unpack->archive, err);
	} else {
		archive = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, UNPACK_ROOT_FD);
		if (archive < 0)
			return fail(err, errno, "cannot read standard input");
	}
	if (archive < 0)
		return -1;
	if (unpack->archive)
		printf("extracting archive '%s'\n", unpack->archive);
	else
		printf("extracting archive from STDIN\n");
	fflush(stdout);
	return run(unpack, &(struct job){ .compression = compression, .archive = archive },
		   err) < 0
		       ? -1
		       : 0;
}

int template_is_image(const struct unpack *unpack, bool *is_image, struct error *err)
{
	auto_close int archive = -1;
	enum compression compression;
	int status;

	if (compression_of(unpack->archive, &compression, err) < 0)
		return -1;
	*is_image = false;
	if (compression != COMPRESSION_NONE)
		return 0;
	archive = unpack_open(unpack->archive, err);
	if (archive < 0)
		return -1;
	status = run(unpack, &(struct job){ .word = "detect", .archive = archive }, err);
	*is_image = status == UNPACK_IMAGE;
	return status < 0 ? -1 : 0;
}

static int read_report(int fd, struct image *image, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the report of 'pct-unpack'");
	if (read_all(fd, IMAGE_TEXT_MAX, &text, err) < 0)
		return -1;
	return image_parse(strbuf_slice(&text), image, err);
}

int template_unpack_image(const struct unpack *unpack, struct image *image,
			  struct error *err)
{
	auto_close int archive = unpack_open(unpack->archive, err);
	auto_close int report = -1;

	if (archive < 0)
		return -1;
	report = memfd_create("image", MFD_CLOEXEC);
	if (report < 0)
		return fail(err, errno, "cannot make room for what the image says");
	printf("Detected OCI archive\n");
	fflush(stdout);
	if (run(unpack,
		&(struct job){ .word = "image", .archive = archive, .report = report },
		err) < 0)
		return -1;
	if (read_report(report, image, err) < 0)
		return fail_in(err, "cannot unpack '%s'", unpack->archive);
	return 0;
}
