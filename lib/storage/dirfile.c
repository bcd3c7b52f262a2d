#include "storage/dirfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"

/* "vzdump-lxc-100-2026_01_05-02_00_01.tar.zst": the part before the extension, or 0. */
static size_t standard_backup_stem(struct slice name)
{
	static const char shape[] = "-dddd_dd_dd-dd_dd_dd.";
	size_t len = strlen(shape);

	for (size_t at = strlen("vzdump-lxc-1"); at + len <= name.len; at++) {
		size_t i = 0;

		while (i < len &&
		       (shape[i] == 'd' ? name.at[at + i] >= '0' && name.at[at + i] <= '9'
					: name.at[at + i] == shape[i]))
			i++;
		if (i == len)
			return at + len - 1;
	}
	return 0;
}

static int free_backup_parts(const char *path, const struct volume *volume,
			     struct error *err)
{
	auto_free char *notes = xasprintf("%s.notes", path);
	size_t stem = volume->vmid ? standard_backup_stem(volume->name) : 0;
	int dir_len = (int)(strlen(path) - volume->name.len);
	auto_free char *log = NULL;

	if (volume->content != CONTENT_BACKUP || !stem)
		return 0;
	log = xasprintf("%.*s%.*s.log", dir_len, path, (int)stem, volume->name.at);
	return remove_file(log, err) < 0 || remove_file(notes, err) < 0 ? -1 : 0;
}

int dir_free_file(const struct volume *volume, const char *path, struct notes *notes,
		  struct error *err)
{
	auto_free char *mark = xasprintf("%s.protected", path);

	if (volume->content == CONTENT_BACKUP && path_exists(mark))
		return fail(err, 0, "backup '%s' is protected", path);
	if (unlink(path) < 0) {
		if (errno != ENOENT)
			return fail(err, errno, "unable to remove '%s'", path);
		notes_add(notes, "file '%s' does not exist", path);
	}
	return free_backup_parts(path, volume, err);
}
