#include "ct/owned.h"

#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "config/volid.h"
#include "ct/unused.h"

struct list {
	char **at;
	size_t count;
	struct notes *notes;
};

static void add(struct list *list, const char *volid)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], volid) == 0)
			return;
	list->at = xreallocarray(list->at, list->count + 2, sizeof(*list->at));
	list->at[list->count++] = xstrdup(volid);
	list->at[list->count] = NULL;
}

/* One that is still to be made has nothing to free. */
static bool is_there(const char *volid)
{
	struct slice storage;
	uint64_t size_kib;

	return volume_kind(slice(volid)) == VOLUME_STORAGE &&
	       !volume_is_new(slice(volid), "", &storage, &size_kib);
}

static void add_section(struct list *list, const struct section *section)
{
	for (size_t i = 0; i < section->keys.count; i++) {
		const struct keyval *entry = &section->keys.at[i];
		struct error err;
		auto_free char *volid = entry_volume(entry->key, entry->value, &err);

		if (!volid && err.text[0])
			notes_add(list->notes, "%s: the volume is not removed", err.text);
		if (volid && is_there(volid))
			add(list, volid);
	}
}

char **owned_volumes(const struct config *config, struct notes *notes)
{
	struct list list = { .at = xcalloc(1, sizeof(char *)), .notes = notes };

	add_section(&list, &config->main);
	add_section(&list, &config->pending);
	for (size_t i = 0; i < config->snapshot_count; i++)
		add_section(&list, &config->snapshots[i]);
	return list.at;
}

int owned_free(unsigned vmid, const char *volid, const struct storages *storages,
	       struct error *err)
{
	auto_notes struct notes notes = { 0 };
	const struct storage *st;
	auto_free char *path = NULL;
	struct volume volume;
	int status;

	if (volume_resolve(storages, slice(volid), &st, &volume, &path, err) < 0)
		return -1;
	if (volume.vmid != vmid) {
		warn_plain("ignore deletion of '%s', CT %u isn't the owner!", volid, vmid);
		return 0;
	}
	status = volume_free(storages, slice(volid), &notes, err);
	warn_notes(&notes);
	return status;
}
