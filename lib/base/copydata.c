#include "base/copydata.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"

#define PIECE_MAX   (8 * 1024 * 1024)
#define BUFFER_SIZE (256 * 1024)
#define PAUSE_MS    100
#define BLOCK       512 /* unit of st_blocks */

/* EINVAL and ETXTBSY are about this one file. */
static bool is_shared(struct copy_data *copy, int from, int to)
{
	if (copy->cannot_share)
		return false;
	if (ioctl(to, FICLONE, from) == 0)
		return true;
	copy->cannot_share = errno != EINVAL && errno != ETXTBSY;
	return false;
}

/* The file systems have no copy of their own, or not between each other. */
static bool is_refusal(int code)
{
	return code == EXDEV || code == EOPNOTSUPP || code == ENOSYS || code == EINVAL;
}

static ssize_t read_and_write(struct copy_data *copy, int from, int to, off_t at,
			      size_t len, struct error *err)
{
	ssize_t got;

	if (!copy->buffer)
		copy->buffer = xmalloc(BUFFER_SIZE);
	if (len > BUFFER_SIZE)
		len = BUFFER_SIZE;
	do
		got = pread(from, copy->buffer, len, at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, errno, "cannot read");
	if (lseek(to, at, SEEK_SET) < 0)
		return fail(err, errno, "cannot write");
	return write_all(to, copy->buffer, (size_t)got, err) < 0 ? -1 : got;
}

/* One piece: how long it was; 0 at the end of the file. */
static ssize_t move_piece(struct copy_data *copy, int from, int to, off_t at, size_t len,
			  struct error *err)
{
	off_t in = at, out = at;
	ssize_t got;

	if (!copy->cannot_range) {
		got = copy_file_range(from, &in, to, &out, len, 0);
		if (got >= 0 || errno == EINTR)
			return got;
		if (!is_refusal(errno))
			return fail(err, errno, "cannot copy");
		copy->cannot_range = true;
	}
	return read_and_write(copy, from, to, at, len, err);
}

/* Wait until the bytes so far are within the limit. */
static int throttle(struct copy_data *copy, struct error *err)
{
	uint64_t due_ms;

	if (!copy->limit_kib)
		return 0;
	if (!copy->start_ms)
		copy->start_ms = clock_ms();
	due_ms = copy->moved * 1000 / 1024 / copy->limit_kib;
	while (clock_ms() - copy->start_ms < (int64_t)due_ms) {
		if (interrupt_check(err) < 0)
			return -1;
		clock_pause(PAUSE_MS);
	}
	return 0;
}

/* Short enough that a limit is kept evenly, and that an interrupt is heard. */
static size_t piece_of(const struct copy_data *copy, off_t left)
{
	uint64_t piece = copy->limit_kib ? copy->limit_kib * 1024 / 10 + 1 : PIECE_MAX;

	if (piece > PIECE_MAX)
		piece = PIECE_MAX;
	return (uint64_t)left < piece ? (size_t)left : (size_t)piece;
}

static int move_range(struct copy_data *copy, int from, int to, off_t at, off_t end,
		      struct error *err)
{
	while (at < end) {
		ssize_t got = move_piece(copy, from, to, at, piece_of(copy, end - at), err);

		if (got < 0 && errno == EINTR && interrupt_check(err) == 0)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		at += got;
		copy->moved += (uint64_t)got;
		if (copy->progress)
			copy->progress(copy->arg, (uint64_t)got);
		if (interrupt_check(err) < 0 || throttle(copy, err) < 0)
			return -1;
	}
	return 0;
}

/* Extent by extent; what follows the last one is a hole. */
static int move_extents(struct copy_data *copy, int from, int to, const struct stat *info,
			struct error *err)
{
	off_t at = 0, data;

	while ((data = lseek(from, at, SEEK_DATA)) >= 0) {
		off_t end = lseek(from, data, SEEK_HOLE);

		if (end < 0)
			return fail(err, errno, "cannot find the holes");
		if (move_range(copy, from, to, data, end, err) < 0)
			return -1;
		at = end;
	}
	if (errno != ENXIO)
		return fail(err, errno, "cannot find the data");
	return ftruncate(to, info->st_size) < 0 ? fail(err, errno, "cannot write") : 0;
}

int copy_data(struct copy_data *copy, int from, int to, const struct stat *info,
	      struct error *err)
{
	if (info->st_size == 0 || is_shared(copy, from, to))
		return 0;
	if (info->st_blocks * BLOCK < info->st_size)
		return move_extents(copy, from, to, info, err);
	return move_range(copy, from, to, 0, info->st_size, err);
}

void copy_data_done(struct copy_data *copy)
{
	free_ptr(&copy->buffer);
}
