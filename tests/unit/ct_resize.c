/* Sizes of pct resize (storage.md 5, 8.7). */
#include "test.h"

#include <stdint.h>

#include "base/own.h"
#include "ct/resize.h"

static void becomes(const char *text, uint64_t now, uint64_t want)
{
	uint64_t bytes = 0;
	struct error err;

	EXPECT_INT(resize_target(text, now, &bytes, &err), 0);
	EXPECT(bytes == want);
}

static void is_refused(const char *text, uint64_t now, const char *why)
{
	uint64_t bytes = 1;
	struct error err;

	EXPECT(resize_target(text, now, &bytes, &err) < 0);
	EXPECT_TEXT(err.text, why);
	EXPECT(bytes == 1);
}

TEST("a size is absolute, in bytes without a unit")
{
	becomes("8G", 0, UINT64_C(8) << 30);
	becomes("1048576", 1024, 1 << 20);
	becomes("8G", UINT64_C(8) << 30, UINT64_C(8) << 30);
}

TEST("a plus adds to what is there: 1.5G to 8G is 9728M")
{
	becomes("+1.5G", UINT64_C(8) << 30, UINT64_C(9728) << 20);
	becomes("+0", 4096, 4096);
}

TEST("a size is a whole number of KiB, rounded up")
{
	becomes("1025", 0, 2048);
	becomes("+1", 1 << 20, (1 << 20) + 1024);
	becomes("0.0001K", 0, 0);
}

TEST("nothing shrinks")
{
	is_refused("4G", UINT64_C(8) << 30, "unable to shrink disk size");
	is_refused("0", 1, "unable to shrink disk size");
}

TEST("a size that no number of bytes can hold is refused, whole or added")
{
	is_refused("8388608T", 0, "invalid size '8388608T'");
	is_refused("99999999999999999999", 0, "invalid size '99999999999999999999'");
	is_refused("9223372036854775807", 0, "invalid size '9223372036854775807'");
	is_refused("+8388607T", UINT64_C(2) << 40, "invalid size '+8388607T'");
}
