#include "template/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int open_archive(const char *path, struct error *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fail(err, errno, "cannot open archive '%s'", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(err, 0, "archive '%s' is not a regular file", path);
	return take_fd(&fd);
}

/* "map=u 0 100000 65536" and the other words of pct-unpack's command line. */
static char **make_arguments(const struct unpack *unpack, enum compression compression)
{
	size_t maps = unpack->map ? unpack->map->count : 0, at = 0;
	char **argv = xcalloc(maps + 5, sizeof(*argv));

	argv[at++] = path_libexec("pct-unpack");
	argv[at++] = xasprintf("compression=%d", (int)compression);
	if (unpack->bwlimit_kib)
		argv[at++] =
			xasprintf("bwlimit=%llu", (unsigned long long)unpack->bwlimit_kib);
	if (unpack->flags & UNPACK_IGNORE_ERRORS)
		argv[at++] = xstrdup("ignore-errors");
	for (size_t i = 0; i < maps; i++) {
		const struct idmap_range *range = &unpack->map->range[i];

		argv[at++] = xasprintf("map=%c %u %u %u", range->type, range->ct,
				       range->host, range->count);
	}
	return argv;
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

static int judge(const struct unpack *unpack, int status, const struct strbuf *errors,
		 struct error *err)
{
	struct slice text = slice_trim(strbuf_slice(errors));

	if (interrupt_check(err) < 0)
		return -1;
	if (status == UNPACK_IGNORED) {
		notes_add(unpack->notes, "errors while unpacking '%s' were ignored",
			  unpack->archive);
		return 0;
	}
	if (status == 0)
		return 0;
	if (text.len > 0) {
		fail(err, 0, SLICE_FMT, SLICE_ARG(text));
		error_escape(err);
	} else if (status > 128)
		fail(err, 0, "'pct-unpack' got signal %d", status - 128);
	else
		fail(err, 0, "'pct-unpack' failed: exit code %d", status);
	return fail_in(err, "cannot unpack '%s'", unpack->archive);
}

static int run(const struct unpack *unpack, enum compression compression, int archive,
	       struct error *err)
{
	const int keep[] = { unpack->rootfd, -1 };
	auto_words char **argv = make_arguments(unpack, compression);
	auto_strbuf struct strbuf errors = STRBUF_INIT;
	auto_close int reading = -1, writing = -1;
	int fds[2], result, status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	pid = process_start(&(struct process){ .argv = (const char *const *)argv,
					       .stdin_fd = archive,
					       .stderr_fd = writing,
					       .keep_fds = keep },
			    err);
	if (pid < 0)
		return -1;
	close_fd(&writing);
	result = read_errors(reading, pid, &errors, err);
	status = process_wait(pid, err);
	if (result < 0 || status < 0)
		return -1;
	return judge(unpack, status, &errors, err);
}

/* lzop has no library that libarchive is built with: the host's program stands in front. */
static int run_behind_lzop(const struct unpack *unpack, int archive, struct error *err)
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
					       .stdin_fd = archive,
					       .stdout_fd = writing },
			    err);
	if (pid < 0)
		return fail_in(err, "cannot unpack '%s'", unpack->archive);
	close_fd(&writing);
	result = run(unpack, COMPRESSION_LZO, reading, err);
	close_fd(&reading);
	if (result < 0)
		kill(pid, SIGTERM);
	status = process_wait(pid, result < 0 ? &ignored : err);
	if (result < 0 || status < 0)
		return -1;
	if (status > 0 && !(unpack->flags & UNPACK_IGNORE_ERRORS))
		return fail(err, 0, "cannot unpack '%s': 'lzop' failed: exit code %d",
			    unpack->archive, status);
	return 0;
}

/*
 * Nothing is flushed to the disk here: until the container's final configuration is
 * written, the one on disk carries "lock: create", and what a power failure leaves
 * behind that lock is thrown away as a whole, never used.
 */
int template_unpack(const struct unpack *unpack, struct error *err)
{
	auto_close int archive = -1;
	enum compression compression;

	if (compression_of(unpack->archive, &compression, err) < 0)
		return -1;
	archive = open_archive(unpack->archive, err);
	if (archive < 0)
		return -1;
	printf("extracting archive '%s'\n", unpack->archive);
	fflush(stdout);
	return compression == COMPRESSION_LZO ? run_behind_lzop(unpack, archive, err)
					      : run(unpack, compression, archive, err);
}
