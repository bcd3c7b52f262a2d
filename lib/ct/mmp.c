#include "ct/mmp.h"

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "base/process.h"

#define TUNE_TIMEOUT_S 60

/* The superblock of ext4, as it is on the disk, little-endian. */
#define SUPERBLOCK_AT   1024
#define SUPERBLOCK_SIZE 1024
#define LOG_BLOCK_AT    0x18
#define MAGIC_AT        0x38
#define INCOMPAT_AT     0x60
#define MMP_BLOCK_AT    0x168
#define MAGIC           0xef53
#define INCOMPAT_MMP    0x100

/* The block of the protection: its magic, then who uses it. */
#define MMP_MAGIC 0x4d4d50
#define MMP_CLEAN 0xff4d4d50

static uint32_t le32_at(const unsigned char *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return le32toh(value);
}

static bool has_mmp(const unsigned char *super)
{
	return (le32_at(super, MAGIC_AT) & 0xffff) == MAGIC &&
	       le32_at(super, INCOMPAT_AT) & INCOMPAT_MMP &&
	       le32_at(super, LOG_BLOCK_AT) <= 6;
}

static bool seems_in_use(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	unsigned char super[SUPERBLOCK_SIZE], mmp[8];
	uint64_t block;

	if (fd < 0 ||
	    pread(fd, super, sizeof(super), SUPERBLOCK_AT) != (ssize_t)sizeof(super) ||
	    !has_mmp(super))
		return false;
	block = le32_at(super, MMP_BLOCK_AT) | (uint64_t)le32_at(super, MMP_BLOCK_AT + 4)
						       << 32;
	if (block > INT64_MAX >> 16 ||
	    pread(fd, mmp, sizeof(mmp),
		  (off_t)(block << (10 + le32_at(super, LOG_BLOCK_AT)))) !=
		    (ssize_t)sizeof(mmp))
		return false;
	return le32_at(mmp, 0) == MMP_MAGIC && le32_at(mmp, 4) != MMP_CLEAN;
}

/* It replays the journal first, if there is something in it. */
static int tell_unused(const char *path, struct error *err)
{
	const char *const argv[] = { "tune2fs", "-f", "-E", "clear_mmp", path, NULL };
	auto_strbuf struct strbuf output = STRBUF_INIT;

	return process_run(&(struct process){ .argv = argv,
					      .timeout_s = TUNE_TIMEOUT_S,
					      .output = &output },
			   err);
}

void mmp_clear(const struct storages *storages, const char *volid)
{
	auto_volume_source struct volume_source source = { 0 };
	struct error err;

	if (volume_activate(storages, slice(volid), NULL, &source, &err) < 0 ||
	    source.format != FORMAT_RAW || !seems_in_use(source.path))
		return;
	if (tell_unused(source.path, &err) < 0)
		debug("%s", err.text);
}
