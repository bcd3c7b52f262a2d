#include "ct/backuplist.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "config/backupname.h"
#include "storage/volume.h"

/* volid: what it is called in messages; path: where it is. */
static void add_backup(struct backup_list *list, const char *volid, const char *path,
		       const char *file, unsigned vmid)
{
	auto_free char *mark = xasprintf("%s.protected", path);
	struct backup_name name = { 0 };
	struct backup_entry entry = { .volid = xstrdup(volid), .vmid = vmid };

	if (!backup_name_parse(slice(file), &name)) {
		entry.mark = BACKUP_RENAMED;
	} else {
		entry.type = name.type;
		entry.time = name.time;
		entry.mark = path_exists(mark) ? BACKUP_PROTECTED : BACKUP_UNMARKED;
	}
	list->at = xreallocarray(list->at, list->count + 1, sizeof(*list->at));
	list->at[list->count++] = entry;
}

int backup_list_storage(const struct storages *all, const struct storage *st, unsigned vmid,
			struct backup_list *out, struct error *err)
{
	auto_volume_list struct volume_list found = { 0 };

	if (storage_list(st, CONTENT_BACKUP, vmid, &found, err) < 0)
		return -1;
	for (size_t i = 0; i < found.count; i++) {
		const struct volume_info *info = &found.at[i];
		const struct storage *same;
		auto_free char *path = NULL;
		struct volume volume;

		if (volume_resolve(all, slice(info->volid), &same, &volume, &path, err) < 0)
			return -1;
		add_backup(out, info->volid, path, strrchr(path, '/') + 1, info->vmid);
	}
	return 0;
}

int backup_list_directory(const char *dir, unsigned vmid, struct backup_list *out,
			  struct error *err)
{
	auto_dir DIR *entries = opendir(dir);
	const struct dirent *entry;
	struct backup_name name;

	if (!entries)
		return fail(err, errno, "cannot open directory '%s'", dir);
	while ((entry = readdir(entries)) != NULL) {
		auto_free char *path = NULL;

		if (!backup_name_parse(slice(entry->d_name), &name) || name.vmid != vmid)
			continue;
		path = xasprintf("%s/%s", dir, entry->d_name);
		add_backup(out, path, path, entry->d_name, vmid);
	}
	return 0;
}
