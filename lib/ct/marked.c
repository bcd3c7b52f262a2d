#include "ct/marked.h"

#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "config/store.h"

#define LOCK_S 10

int mark_set(struct config *config, const char *mark, struct error *err)
{
	config_set(config, "lock", mark);
	return config_save(config, err);
}

int mark_open(unsigned vmid, const char *mark, struct lock *lock, struct config **config,
	      struct error *err)
{
	auto_config struct config *loaded = NULL;
	const char *found;

	if (lock_config(vmid, LOCK_S, lock, err) < 0 ||
	    config_load(vmid, &loaded, NULL, err) < 0)
		return -1;
	found = config_get(loaded, "lock");
	if (!found || strcmp(found, mark) != 0)
		return fail(err, 0, "CT %u lost its lock (%s)", vmid, mark);
	*config = take_ptr(&loaded);
	return 0;
}

int mark_clear(unsigned vmid, const char *mark, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (mark_open(vmid, mark, &lock, &config, err) < 0)
		return -1;
	config_unset(config, "lock");
	return config_save(config, err);
}

int migration_lock(unsigned vmid, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_STORAGE_LOCK, "pve-migrate-%u", vmid);

	if (path_make(PATH_STORAGE_LOCK, err) < 0)
		return -1;
	return lock_take(path, LOCK_S, lock, err);
}
