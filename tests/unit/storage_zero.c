#include "storage/zero.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "mount/mount.h"
#include "test.h"

#define SIZE (4 << 20)

/* A loop device with 4 MiB of data; -1: the test is skipped. It ends with the descriptor.
 */
static int given_device(char **image, char **device)
{
	auto_strbuf struct strbuf bytes = STRBUF_INIT;
	struct error err = { 0 };
	int fd = -1;

	*image = xasprintf("%s/image", test_dir());
	while (bytes.len < SIZE)
		strbuf_adds(&bytes, "These bytes belong to a guest. ");
	strbuf_cut(&bytes, SIZE);
	EXPECT(save_path(*image, strbuf_slice(&bytes), 0600, &err) == 0);
	if (loop_attach(*image, false, device, &fd, &err) < 0)
		test_skip("there are no loop devices here");
	return fd;
}

static bool is_zeroed(const char *image)
{
	auto_strbuf struct strbuf bytes = STRBUF_INIT;
	struct error err;

	return read_file(AT_FDCWD, image, SIZE, &bytes, &err) == 0 && bytes.len == SIZE &&
	       bytes.at[0] == 0 && memcmp(bytes.at, bytes.at + 1, SIZE - 1) == 0;
}

/* Milliseconds that it takes. */
static int64_t zero(struct zeroing how)
{
	auto_free char *image = NULL, *device = NULL;
	auto_close int fd = given_device(&image, &device);
	struct error err = { 0 };
	int64_t start = clock_ms();

	if (fd < 0)
		return 0;
	EXPECT(!is_zeroed(image));
	EXPECT(device_zero(device, &how, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT(fsync(fd) == 0 && is_zeroed(image));
	return clock_ms() - start;
}

TEST("all of a device is zeroed, also when the last step is a part of one")
{
	zero((struct zeroing){ .step = 1 << 20 });
	zero((struct zeroing){ .step = 3 << 20 });
	zero((struct zeroing){ .step = 32 << 20 });
}

/* A quarter of the speed takes longer by more than what a busy machine may add to both. */
TEST("a device is zeroed no faster than it may be, on the average or in each step")
{
	for (int strictly = 0; strictly < 2; strictly++) {
		int64_t fast = zero((struct zeroing){
			.step = 1 << 19, .bytes_per_s = 16 << 20, .strictly = strictly });
		int64_t slow = zero((struct zeroing){
			.step = 1 << 19, .bytes_per_s = 4 << 20, .strictly = strictly });

		EXPECT(fast == 0 || (fast >= 245 && slow >= 990));
	}
}

TEST("what is no device, and what is not there, is refused and stays")
{
	const struct zeroing how = { .step = 1 << 20 };
	auto_free char *file = xasprintf("%s/file", test_dir());
	auto_free char *text =
		xasprintf("'%s' is not a block device: %s", file, strerror(ENOTTY));
	auto_strbuf struct strbuf bytes = STRBUF_INIT;
	struct error err;

	EXPECT(save_path(file, slice("data"), 0600, &err) == 0);
	EXPECT(device_zero(file, &how, &err) < 0);
	EXPECT_TEXT(err.text, text);
	EXPECT(read_file(AT_FDCWD, file, 16, &bytes, &err) == 0);
	EXPECT_TEXT(bytes.at, "data");
	EXPECT(device_zero("/dev/none", &how, &err) < 0);
	EXPECT_TEXT(err.text, "cannot open device '/dev/none': No such file or directory");
	EXPECT(!device_can_zero("/dev/none"));
}

static void expect_speed(const char *text, uint64_t bytes_per_s, bool strictly)
{
	struct zeroing how = { 0 };

	EXPECT(zeroing_parse_speed(slice(text), &how));
	EXPECT_INT(how.bytes_per_s, bytes_per_s);
	EXPECT_INT(how.strictly, strictly);
}

TEST("a speed is a number of bytes with or without unit, and a minus makes it strict")
{
	static const char *const bad[] = {
		"",   "-",   "0",   "k",  "-k", "1.5M",
		"5T", "5MB", "--5", "+5", " 5", "99999999999999"
	};

	expect_speed("10485760", 10485760, false);
	expect_speed("-10485760", 10485760, true);
	expect_speed("5k", 5 << 10, false);
	expect_speed("-5M", 5 << 20, true);
	expect_speed("1G", 1 << 30, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct zeroing how = { .bytes_per_s = 7 };

		EXPECT(!zeroing_parse_speed(slice(bad[i]), &how));
		EXPECT_INT(how.bytes_per_s, 7);
	}
}
