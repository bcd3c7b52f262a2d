#include "storage/image.h"

#include <endian.h>
#include <string.h>
#include <unistd.h>

#define SECTOR      512
#define BACKING_MAX 1023 /* the limit of the qcow2 format */

/* qcow2: big-endian; the backing file's name stands at an offset with a length. */
static void read_qcow2(int fd, struct image *image)
{
	unsigned char head[32];
	uint64_t size, offset;
	uint32_t len;
	char *name;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, "QFI\xfb", 4) != 0)
		return;
	memcpy(&offset, head + 8, sizeof(offset));
	memcpy(&len, head + 16, sizeof(len));
	memcpy(&size, head + 24, sizeof(size));
	image->size = be64toh(size);
	offset = be64toh(offset);
	len = be32toh(len);
	if (offset == 0 || offset > INT32_MAX || len == 0 || len > BACKING_MAX)
		return;
	name = strbuf_grow(&image->backing, len);
	if (pread(fd, name, len, (off_t)offset) != (ssize_t)len)
		return;
	image->backing.len += len;
	image->backing.at[image->backing.len] = '\0';
}

/* A sparse vmdk: little-endian, the capacity is in sectors. */
static void read_vmdk(int fd, struct image *image)
{
	unsigned char head[20];
	uint64_t sectors;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, "KDMV", 4) != 0)
		return;
	memcpy(&sectors, head + 12, sizeof(sectors));
	sectors = le64toh(sectors);
	if (sectors <= INT64_MAX / SECTOR)
		image->size = sectors * SECTOR;
}

void image_read(int fd, const char *format, uint64_t file_size, struct image *image)
{
	image->size = file_size;
	if (strcmp(format, "qcow2") == 0)
		read_qcow2(fd, image);
	else if (strcmp(format, "vmdk") == 0)
		read_vmdk(fd, image);
}
