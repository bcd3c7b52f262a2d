#include "storage/zero.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"

static unsigned shift_of(char suffix)
{
	switch (suffix) {
	case 'k':
	case 'K': return 10;
	case 'm':
	case 'M': return 20;
	case 'g':
	case 'G': return 30;
	}
	return 0;
}

bool zeroing_parse_speed(struct slice text, struct zeroing *out)
{
	bool strictly = slice_starts(text, "-");
	unsigned shift;
	uint64_t number;

	if (strictly)
		text = slice_from(text, 1);
	shift = text.len ? shift_of(text.at[text.len - 1]) : 0;
	if (shift)
		text.len--;
	if (!slice_number(text, 1, INT64_MAX >> 30, &number))
		return false;
	out->bytes_per_s = number << shift;
	out->strictly = strictly;
	return true;
}

bool device_can_zero(const char *device)
{
	auto_free char *real = realpath(device, NULL);
	auto_free char *file =
		real ? xasprintf("/sys/class/block/%s/queue/write_zeroes_max_bytes",
				 strrchr(real, '/') + 1)
		     : NULL;
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;
	uint64_t bytes = 0;

	if (!file || read_file(AT_FDCWD, file, 64, &text, &ignored) < 0)
		return false;
	slice_number(slice_trim(strbuf_slice(&text)), 0, UINT64_MAX, &bytes);
	return bytes > 0;
}

/* Until these bytes are due that were written since start_ms. */
static void keep_speed(const struct zeroing *how, int64_t start_ms, uint64_t bytes)
{
	double due_ms = (double)bytes * 1000 / (double)how->bytes_per_s;
	int64_t end = start_ms + (int64_t)due_ms;

	while (clock_left_ms(end) > 0)
		clock_pause((unsigned)clock_left_ms(end));
}

static int zero_all(int fd, uint64_t size, const struct zeroing *how, struct error *err)
{
	int64_t start = clock_ms();

	for (uint64_t done = 0; done < size;) {
		uint64_t rest = size - done;
		uint64_t range[2] = { done, rest < how->step ? rest : how->step };
		int64_t now = clock_ms();

		if (ioctl(fd, BLKZEROOUT, range) < 0)
			return fail(err, errno, "after %llu of %llu bytes",
				    (unsigned long long)done, (unsigned long long)size);
		done += range[1];
		if (how->bytes_per_s)
			keep_speed(how, how->strictly ? now : start,
				   how->strictly ? range[1] : done);
	}
	return fsync(fd) < 0 ? fail(err, errno, "cannot sync") : 0;
}

/* O_EXCL: not while it is mounted. */
int device_zero(const char *device, const struct zeroing *how, struct error *err)
{
	auto_close int fd = open(device, O_RDWR | O_EXCL | O_CLOEXEC);
	uint64_t size = 0;

	if (fd < 0)
		return fail(err, errno, "cannot open device '%s'", device);
	if (ioctl(fd, BLKGETSIZE64, &size) < 0)
		return fail(err, errno, "'%s' is not a block device", device);
	if (zero_all(fd, size, how, err) < 0)
		return fail_in(err, "cannot zero '%s'", device);
	return 0;
}
