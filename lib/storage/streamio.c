#include "storage/streamio.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "storage/program.h"

#define BLOCK 65536

/* Up to len bytes; fewer only at the end. */
static ssize_t read_block(int fd, char *bytes, size_t len, struct error *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t one = read(fd, bytes + got, len - got);

		if (one == 0)
			break;
		if (one < 0 && errno == EINTR && interrupt_check(err) < 0)
			return -1;
		if (one < 0 && errno != EINTR)
			return fail(err, errno, "cannot read");
		if (one > 0)
			got += (size_t)one;
	}
	return (ssize_t)got;
}

int stream_put_size(int fd, uint64_t bytes, struct error *err)
{
	uint64_t wire = htole64(bytes);

	return write_all(fd, &wire, sizeof(wire), err);
}

int stream_get_size(int fd, uint64_t *bytes, struct error *err)
{
	uint64_t wire;
	ssize_t got = read_block(fd, (char *)&wire, sizeof(wire), err);

	if (got < 0)
		return fail_in(err, "import stream");
	if (got != sizeof(wire))
		return fail(err, 0, "import stream: it ends before its size");
	*bytes = le64toh(wire);
	return 0;
}

/* What the image loses meanwhile is missing: the size was told already. */
static int put_bytes(int from, int to, uint64_t size, struct error *err)
{
	auto_free char *block = xmalloc(BLOCK);

	for (uint64_t done = 0; done < size;) {
		size_t want = size - done < BLOCK ? (size_t)(size - done) : BLOCK;
		ssize_t got = read_block(from, block, want, err);

		if (got < 0 || interrupt_check(err) < 0)
			return -1;
		if ((size_t)got != want)
			return fail(err, 0, "it has become shorter");
		if (write_all(to, block, want, err) < 0)
			return -1;
		done += want;
	}
	return 0;
}

int stream_put_image(const char *path, int fd, struct error *err)
{
	auto_close int from = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	off_t size = from < 0 ? -1 : lseek(from, 0, SEEK_END);

	if (size < 0 || lseek(from, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read '%s'", path);
	if (stream_put_size(fd, (uint64_t)size, err) < 0 ||
	    put_bytes(from, fd, (uint64_t)size, err) < 0)
		return fail_in(err, "cannot export '%s'", path);
	return 0;
}

static bool is_zero(const char *bytes, size_t len)
{
	return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static int get_bytes(int from, int to, uint64_t size, bool is_zeroed, struct error *err)
{
	auto_free char *block = xmalloc(BLOCK);

	for (uint64_t done = 0; done < size;) {
		size_t want = size - done < BLOCK ? (size_t)(size - done) : BLOCK;
		ssize_t got = read_block(from, block, want, err);

		if (got < 0 || interrupt_check(err) < 0)
			return -1;
		if ((size_t)got != want)
			return fail(err, 0,
				    "it ends after %" PRIu64 " of %" PRIu64 " bytes",
				    done + (uint64_t)got, size);
		done += want;
		if (is_zeroed && is_zero(block, want)) {
			if (lseek(to, (off_t)want, SEEK_CUR) < 0)
				return fail(err, errno, "cannot skip zeros");
		} else if (write_all(to, block, want, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* What comes behind the bytes that the stream promised would be lost. */
static int check_end(int fd, uint64_t size, struct error *err)
{
	char byte;
	ssize_t got = read_block(fd, &byte, 1, err);

	if (got > 0)
		return fail(err, 0, "it goes on after its %" PRIu64 " bytes", size);
	return (int)got;
}

int stream_get_image(int fd, uint64_t size, const char *path, bool is_zeroed,
		     struct error *err)
{
	auto_close int to = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (to < 0)
		return fail(err, errno, "cannot write '%s'", path);
	if (get_bytes(fd, to, size, is_zeroed, err) < 0 || check_end(fd, size, err) < 0)
		return fail_in(err, "import stream");
	if (fsync(to) < 0)
		return fail(err, errno, "cannot write '%s'", path);
	return 0;
}

static int run_tar(const char *mode, const char *path, int in, int out, struct error *err)
{
	const char *const argv[] = { "tar",
				     mode,
				     "-",
				     "--one-file-system",
				     "-p",
				     "--sparse",
				     "--numeric-owner",
				     "--acls",
				     "--xattrs",
				     "--xattrs-include=user.*",
				     "--xattrs-include=security.capability",
				     "--warning=no-file-ignored",
				     "--warning=no-xattr-write",
				     "-C",
				     path,
				     in > 0 ? NULL : ".",
				     NULL };

	return program_run(
		&(struct storage_program){
			.package = "tar", .argv = argv, .stdin_fd = in, .stdout_fd = out },
		err);
}

int stream_put_tree(const char *path, int fd, struct error *err)
{
	auto_close int dir = open_dir(path, err);

	if (dir < 0 || stream_put_size(fd, 0, err) < 0)
		return -1;
	return run_tar("cpf", path, 0, fd, err);
}

int stream_get_tree(int fd, const char *path, struct error *err)
{
	return run_tar("xpf", path, fd, 0, err);
}
