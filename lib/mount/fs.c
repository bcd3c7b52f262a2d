#include "mount/fs.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/own.h"
#include "base/slice.h"

struct fs_type {
	const char *name;
	off_t offset; /* of the magic number, as on disk */
	const char *magic;
	size_t len;
	bool ro;           /* has no writable form */
	const char *extra; /* an option that every mount gets; or NULL */
};

/* What a container's volume may hold; the ext4 driver does ext2 and ext3 too. */
static const struct fs_type types[] = {
	{ "ext4", 0x438, "\x53\xef", 2, false, "errors=remount-ro" },
	{ "xfs", 0, "XFSB", 4, false, NULL },
	{ "btrfs", 0x10040, "_BHRfS_M", 8, false, NULL },
	{ "squashfs", 0, "hsqs", 4, true, NULL },
	{ "iso9660", 0x8001, "CD001", 5, true, NULL },
};

static const struct fs_type *detect(int fd)
{
	char found[8];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ssize_t got = pread(fd, found, types[i].len, types[i].offset);

		if (got == (ssize_t)types[i].len &&
		    memcmp(found, types[i].magic, types[i].len) == 0)
			return &types[i];
	}
	return NULL;
}

/* What the kernel had to say, "e text" a message, goes behind the error. */
static int fail_fs(int fs, int code, const char *what, struct error *err)
{
	char text[256], last[256] = "";
	ssize_t got;

	while ((got = read(fs, text, sizeof(text) - 1)) > 0) {
		text[got] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (text[0] == 'e' && got > 2)
			memcpy(last, text + 2, (size_t)got - 1);
	}
	if (last[0])
		return fail(err, code, "%s (%s)", what, last);
	return fail(err, code, "%s", what);
}

static int set_option(int fs, const char *word, struct error *err)
{
	auto_free char *key = xstrdup(word);
	char *value = strchr(key, '=');
	int status;

	if (value)
		*value++ = '\0';
	status = fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value,
			  0);
	if (status < 0) {
		auto_free char *what = xasprintf("mount option '%s'", word);

		return fail_fs(fs, errno, what, err);
	}
	return 0;
}

static int set_options(int fs, const char *options, struct error *err)
{
	struct slice rest = slice(options);

	while (options && rest.at) {
		auto_free char *word = slice_dup(slice_cut(rest, ',', &rest));

		if (word[0] && set_option(fs, word, err) < 0)
			return -1;
	}
	return 0;
}

/* Held by a mount of this host, or of another one (multi-mount protection of ext4). */
static const char *why_not(int code)
{
	return code == EBUSY ? "cannot mount, in use here or on another host"
			     : "cannot mount";
}

static int create(const struct fs_type *type, const char *device, bool ro,
		  const char *options, struct error *err)
{
	auto_close int fs = fsopen(type->name, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return fail(err, errno, "file system '%s'", type->name);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) < 0)
		return fail_fs(fs, errno, "cannot mount", err);
	if (set_options(fs, type->extra, err) < 0 || set_options(fs, options, err) < 0 ||
	    (ro && set_option(fs, "ro", err) < 0))
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_fs(fs, errno, why_not(errno), err);
	fd = fsmount(fs, FSMOUNT_CLOEXEC, ro ? MOUNT_ATTR_RDONLY : 0);
	return fd >= 0 ? fd : fail(err, errno, "cannot mount");
}

int fs_mount(const char *device, int fd, bool ro, const char *options, struct error *err)
{
	const struct fs_type *type = detect(fd);
	int mounted, device_ro = 1;

	if (!type)
		return fail(err, 0, "no known file system on '%s'", device);
	mounted = create(type, device, ro || type->ro, options, err);
	/* Mounted writable elsewhere on this host: the mount alone is read-only then. */
	if (mounted < 0 && err->code == EBUSY && ro &&
	    ioctl(fd, BLKROGET, &device_ro) == 0 && !device_ro)
		mounted = create(type, device, false, options, err);
	return mounted >= 0 ? mounted : fail_in(err, "%s", device);
}

int fs_dataset(const char *snapshot, struct error *err)
{
	static const struct fs_type zfs = { .name = "zfs" };
	int fd = create(&zfs, snapshot, true, NULL, err);

	return fd >= 0 ? fd : fail_in(err, "%s", snapshot);
}

int fs_tmpfs(unsigned size_kib, struct error *err)
{
	static const struct fs_type tmpfs = { .name = "tmpfs" };
	auto_free char *options = xasprintf("size=%uk,mode=0755", size_kib);

	return create(&tmpfs, "none", false, options, err);
}
