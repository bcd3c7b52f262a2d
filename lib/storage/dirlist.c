#include "storage/dirlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "config/store.h"
#include "storage/image.h"
#include "storage/layout.h"
#include "storage/place.h"

/* A missing directory is an empty one: *out is NULL then. */
static int open_list(const char *path, DIR **out, struct error *err)
{
	*out = opendir(path);
	if (!*out && errno != ENOENT && errno != ENOTDIR)
		return fail(err, errno, "cannot open directory '%s'", path);
	return 0;
}

/* The part "<baseid>/<basename>/" for a backing file "../<baseid>/<basename>". */
static char *base_part(const struct strbuf *backing)
{
	struct slice name = strbuf_slice(backing);
	struct volume volume;
	struct error err;

	if (!slice_starts(name, "../"))
		return xstrdup("");
	name = slice_from(name, 3);
	if (file_volume_parse(name, &volume, &err) < 0 || !volume.is_base ||
	    volume.base.len)
		return xstrdup("");
	return xasprintf(SLICE_FMT "/", SLICE_ARG(name));
}

static void add_image(const struct storage *st, int dirfd, const char *name,
		      const struct volume *volume, const struct stat *info,
		      struct volume_list *out)
{
	auto_close int fd = -1;
	struct image image = { .size = (uint64_t)info->st_size, .backing = STRBUF_INIT };
	auto_free char *base = NULL;

	if (volume->format == FORMAT_OTHER) {
		fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			image_read(fd, volume->format_name, image.size, &image);
	}
	base = base_part(&image.backing);
	strbuf_done(&image.backing);
	volume_list_add(out, volume,
			xasprintf("%s:%s%u/%s", st->id, base, volume->vmid, name),
			image.size);
}

void list_guest_file(const struct storage *st, int dirfd, unsigned vmid, const char *name,
		     struct volume_list *out)
{
	auto_free char *volname = xasprintf("%u/%s", vmid, name);
	struct volume volume;
	struct stat info;
	struct error err;

	if (file_volume_parse(slice(volname), &volume, &err) < 0 ||
	    fstatat(dirfd, name, &info, 0) < 0)
		return;
	if (volume.format == FORMAT_SUBVOL && S_ISDIR(info.st_mode))
		volume_list_add(out, &volume, xasprintf("%s:%s", st->id, volname), 0);
	else if (volume.format != FORMAT_SUBVOL && S_ISREG(info.st_mode))
		add_image(st, dirfd, name, &volume, &info, out);
}

static int list_owner(const struct storage *st, const char *images, unsigned vmid,
		      file_list_guest *list_guest, struct volume_list *out,
		      struct error *err)
{
	auto_free char *path = xasprintf("%s/%u", images, vmid);
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;

	if (open_list(path, &dir, err) < 0)
		return -1;
	while (dir && (entry = readdir(dir)) != NULL)
		if (!slice_starts(slice(entry->d_name), PLACE_TEMP_PREFIX))
			list_guest(st, dirfd(dir), vmid, entry->d_name, out);
	return 0;
}

static int list_guests(const struct storage *st, unsigned vmid, file_list_guest *list_guest,
		       struct volume_list *out, struct error *err)
{
	auto_free char *images = file_content_dir(st, CONTENT_IMAGES);
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;
	uint64_t owner;

	if (vmid)
		return list_owner(st, images, vmid, list_guest, out, err);
	if (open_list(images, &dir, err) < 0)
		return -1;
	while (dir && (entry = readdir(dir)) != NULL)
		if (slice_number(slice(entry->d_name), 1, VMID_MAX, &owner) &&
		    entry->d_name[0] != '0' &&
		    list_owner(st, images, (unsigned)owner, list_guest, out, err) < 0)
			return -1;
	return 0;
}

static void list_file(const struct storage *st, int dirfd, unsigned content, unsigned vmid,
		      const char *name, struct volume_list *out)
{
	auto_free char *volname = xasprintf("%s%s", file_content_prefix(content), name);
	struct volume volume;
	struct stat info;
	struct error err;

	if (file_volume_parse(slice(volname), &volume, &err) < 0 ||
	    slice_starts(slice(name), PLACE_TEMP_PREFIX) ||
	    (content == CONTENT_BACKUP && vmid && volume.vmid != vmid) ||
	    (content == CONTENT_IMPORT && strchr(name, ' ')) ||
	    fstatat(dirfd, name, &info, 0) < 0 || S_ISDIR(info.st_mode))
		return;
	volume_list_add(out, &volume, xasprintf("%s:%s", st->id, volname),
			(uint64_t)info.st_size);
}

static int list_files(const struct storage *st, unsigned content, unsigned vmid,
		      struct volume_list *out, struct error *err)
{
	auto_free char *path = file_content_dir(st, content);
	auto_dir DIR *dir = NULL;
	const struct dirent *entry;

	if (open_list(path, &dir, err) < 0)
		return -1;
	while (dir && (entry = readdir(dir)) != NULL)
		list_file(st, dirfd(dir), content, vmid, entry->d_name, out);
	return 0;
}

int file_list(const struct storage *st, unsigned content, unsigned vmid,
	      file_list_guest *list_guest, struct volume_list *out, struct error *err)
{
	const unsigned guest = CONTENT_IMAGES | CONTENT_ROOTDIR;

	if (content & guest && list_guests(st, vmid, list_guest, out, err) < 0)
		return -1;
	if (vmid)
		content &= ~(unsigned)(CONTENT_ISO | CONTENT_VZTMPL);
	for (unsigned one = CONTENT_VZTMPL; one <= CONTENT_IMPORT; one <<= 1)
		if (content & one && list_files(st, one, vmid, out, err) < 0)
			return -1;
	return 0;
}

int dir_list(const struct storage *st, unsigned content, unsigned vmid,
	     struct volume_list *out, struct error *err)
{
	return file_list(st, content, vmid, list_guest_file, out, err);
}
