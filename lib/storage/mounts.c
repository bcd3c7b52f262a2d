#include "storage/mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/mountinfo.h"
#include "base/own.h"
#include "base/process.h"

#define DEADLINE_S 2

/* File systems whose data is in this machine; all others may hang. */
static const char *const of_this_host[] = {
	"ext2",  "ext3",  "ext4",  "xfs",      "btrfs",   "zfs",
	"f2fs",  "tmpfs", "ramfs", "rootfs",   "overlay", "squashfs",
	"erofs", "vfat",  "exfat", "bcachefs", NULL,
};

static bool holds(const char *point, const char *path)
{
	size_t len = strlen(point);

	if (strcmp(point, "/") == 0)
		return true;
	return strncmp(point, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

void mounts_find(struct slice mountinfo, const char *path, struct mount *out)
{
	struct mountinfo line;

	*out = (struct mount){ 0 };
	while (mountinfo_next(&mountinfo, &line)) {
		auto_free char *point = mountinfo_decode(line.point);

		if (!holds(point, path) ||
		    (out->point && strlen(point) < strlen(out->point)))
			continue;
		mount_done(out);
		*out = (struct mount){ .point = take_ptr(&point),
				       .fstype = slice_dup(line.fstype) };
	}
}

void mount_done(struct mount *mount)
{
	free(mount->point);
	free(mount->fstype);
	*mount = (struct mount){ 0 };
}

static int load(const char *path, struct mount *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (mountinfo_read(&text, err) < 0)
		return -1;
	mounts_find(strbuf_slice(&text), path, out);
	return 0;
}

int mounts_has(const char *path, bool *is_mounted, struct error *err)
{
	auto_mount struct mount mount = { 0 };

	if (load(path, &mount, err) < 0)
		return -1;
	*is_mounted = mount.point && strcmp(mount.point, path) == 0;
	return 0;
}

/* The mount that holds path, and whether looking at it may block for ever. */
static int inspect(const char *path, struct mount *mount, bool *may_hang, struct error *err)
{
	bool found = false;

	if (load(path, mount, err) < 0)
		return -1;
	for (const char *const *name = of_this_host; *name && mount->fstype; name++)
		found |= strcmp(*name, mount->fstype) == 0;
	*may_hang = mount->point && !found;
	return 0;
}

/* stat(1) in place of statvfs(2): "blocks free available unit". */
static int ask_process(const char *path, struct storage_usage *out, struct error *err)
{
	const char *const argv[] = { "stat", "-f", "-c", "%b %f %a %S", "--", path, NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice list, word;
	uint64_t value[4] = { 0 };

	if (process_run(&(struct process){ .argv = argv,
					   .timeout_s = DEADLINE_S,
					   .output = &text },
			err) < 0)
		return -1;
	list = strbuf_slice(&text);
	for (size_t i = 0; i < 4; i++)
		if (!slice_word(&list, &word) ||
		    !slice_number(word, 0, UINT64_MAX, &value[i]))
			return fail(err, 0, "unable to read the size of '%s'", path);
	*out = (struct storage_usage){ .total = value[0] * value[3],
				       .used = (value[0] - value[1]) * value[3],
				       .avail = value[2] * value[3] };
	return 0;
}

int mounts_probe(const char *path, struct error *err)
{
	auto_mount struct mount mount = { 0 };
	struct storage_usage ignored;
	bool may_hang;

	if (inspect(path, &mount, &may_hang, err) < 0)
		return -1;
	return may_hang ? ask_process(mount.point, &ignored, err) : 0;
}

int mounts_usage(const char *path, struct storage_usage *out, struct error *err)
{
	auto_mount struct mount mount = { 0 };
	struct statvfs fs;
	bool may_hang;

	if (inspect(path, &mount, &may_hang, err) < 0)
		return -1;
	if (may_hang)
		return ask_process(mount.point, out, err);
	if (statvfs(path, &fs) < 0)
		return fail(err, errno, "unable to read the size of '%s'", path);
	*out = (struct storage_usage){ .total = fs.f_blocks * fs.f_frsize,
				       .used = (fs.f_blocks - fs.f_bfree) * fs.f_frsize,
				       .avail = fs.f_bavail * fs.f_frsize };
	return 0;
}
