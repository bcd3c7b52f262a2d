#include "storage/image.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "test.h"

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	EXPECT(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	return fd;
}

static const unsigned char qcow2[40] = {
	'Q', 'F', 'I', 0xfb, 0,   0,   0,   3,   0,   0,   0,   0,   0, 0,
	0,   32,  0,   0,    0,   8,   0,   0,   0,   16,  0,   0,   0, 0,
	64,  0,   0,   0,    '.', '.', '/', '9', '/', 'x', '.', 'y',
};

TEST("a qcow2 header gives the size that the guest sees and the backing file")
{
	struct image image = { .backing = STRBUF_INIT };
	auto_close int fd = file_of(qcow2, sizeof(qcow2));

	image_read(fd, "qcow2", 40, &image);
	EXPECT_INT(image.size, 1024 * 1024 * 1024);
	EXPECT_TEXT(image.backing.at, "../9/x.y");
	strbuf_done(&image.backing);
}

TEST("a header that points past the end of its file names no backing file")
{
	struct image image = { .backing = STRBUF_INIT };
	unsigned char bytes[40];
	auto_close int fd = -1;

	memcpy(bytes, qcow2, sizeof(bytes));
	bytes[9] = 0xff;
	bytes[18] = 3;
	fd = file_of(bytes, sizeof(bytes));
	image_read(fd, "qcow2", 40, &image);
	EXPECT_INT(image.backing.len, 0);
	strbuf_done(&image.backing);
}

TEST("a sparse vmdk gives its capacity, a file without header its own size")
{
	static const unsigned char vmdk[20] = { 'K', 'D', 'M', 'V', 1, 0, 0,
						0,   3,   0,   0,   0, 4 };
	struct image image = { .backing = STRBUF_INIT };
	auto_close int fd = file_of(vmdk, sizeof(vmdk));
	auto_close int empty = file_of("", 0);

	image_read(fd, "vmdk", 20, &image);
	EXPECT_INT(image.size, 4 * 512);
	image_read(fd, "qcow2", 20, &image);
	EXPECT_INT(image.size, 20);
	image_read(empty, "qcow2", 0, &image);
	EXPECT_INT(image.size, 0);
}
