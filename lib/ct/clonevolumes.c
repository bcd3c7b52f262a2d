#include "ct/clonevolumes.h"

#include <stdio.h>

#include "base/interrupt.h"
#include "base/own.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/allocate.h"
#include "ct/bwlimit.h"
#include "ct/copy.h"
#include "ct/mmp.h"
#include "ct/quiesce.h"
#include "ct/unused.h"

int clone_target(const struct cloning *cloning, const char *volid,
		 const struct storage **st, struct error *err)
{
	struct slice storage, volname;

	if (cloning->request->storage)
		storage = slice(cloning->request->storage);
	else if (volid_parse(slice(volid), &storage, &volname, err) < 0)
		return -1;
	return storage_use(&cloning->storages, storage, CONTENT_ROOTDIR, st, err);
}

/* One volume on its way into the new configuration. */
struct making {
	struct cloning *cloning;
	const char *key;
	uint64_t bytes; /* its size= */
	bool sized;     /* bytes is known; else size= stays as it is */
};

/* In the file before there is such a volume, so that a destroy finds it. */
static int write_down(void *arg, const char *volid, struct error *err)
{
	const struct making *making = arg;
	const char *value = config_get(making->cloning->state, making->key);
	const struct prop *row = prop_find(container_props, slice(making->key));
	auto_strbuf struct strbuf text = STRBUF_INIT;
	int status;

	status = making->sized ? volume_value(making->key, value, volid, making->bytes,
					      &text, err)
			       : group_with(slice(value), row->members, "volume", volid,
					    &text, err);
	if (status < 0)
		return -1;
	config_set(making->cloning->config, making->key, text.at);
	return config_save(making->cloning->config, err);
}

static int link_volume(struct cloning *cloning, const char *key, const char *volid,
		       struct error *err)
{
	struct making making = { .cloning = cloning, .key = key };
	const struct volume_claim claim = { write_down, &making };
	auto_free char *made = NULL;

	printf("create linked clone of mount point %s (%s)\n", key, volid);
	if (volume_clone(&cloning->storages, slice(volid), cloning->request->snapname,
			 cloning->request->newid, &claim, &made, err) < 0)
		return -1;
	mmp_clear(&cloning->storages, made);
	return 0;
}

static int make_target(struct making *making, const char *volid, uint64_t *limit_kib,
		       struct error *err)
{
	const struct cloning *cloning = making->cloning;
	const struct storage *st;
	bool made = false;

	if (clone_target(cloning, volid, &st, err) < 0 ||
	    bwlimit_of_copy(&cloning->storages, cloning->request->bwlimit, "clone", volid,
			    st, limit_kib, err) < 0)
		return -1;
	return volume_make_like(&cloning->storages, volid,
				&(struct volume_order){ .vmid = cloning->request->newid,
							.storage = st->id,
							.map = &cloning->map,
							.write_down = write_down,
							.arg = making },
				&making->bytes, &made, err);
}

static int copy_volume(struct cloning *cloning, const char *key, const char *volid,
		       struct error *err)
{
	struct volume_copy copy = { .source = volid,
				    .snap = cloning->request->snapname,
				    .vmid = cloning->request->newid };
	struct making making = { .cloning = cloning, .key = key, .sized = true };
	auto_free char *target = NULL;

	printf("create full clone of mountpoint %s (%s)\n", key, volid);
	fflush(stdout);
	if (make_target(&making, volid, &copy.limit_kib, err) < 0)
		return -1;
	target = entry_volume(key, config_get(cloning->config, key), err);
	copy.target = target;
	return target ? volume_copy(&cloning->storages, &copy, err) : -1;
}

static int make_volumes(struct cloning *cloning, struct error *err)
{
	auto_free const char **keys = config_volume_keys(cloning->state);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_volume(keys[i], config_get(cloning->state, keys[i]), err);

		if (!volid || interrupt_check(err) < 0 ||
		    (cloning->full ? copy_volume : link_volume)(cloning, keys[i], volid,
								err) < 0)
			return -1;
	}
	return 0;
}

/* Linked clones of volumes as they are now, which a running container may be changing. */
static int make_quietly(struct cloning *cloning, struct error *err)
{
	auto_quiet struct quiet quiet = QUIET_INIT;

	if (quiet_begin(cloning->request->vmid, &quiet, err) < 0 ||
	    make_volumes(cloning, err) < 0)
		return -1;
	return quiet_end(&quiet, err);
}

int clone_volumes(struct cloning *cloning, struct error *err)
{
	bool at_rest = cloning->full || cloning->request->snapname;

	return at_rest ? make_volumes(cloning, err) : make_quietly(cloning, err);
}

int clone_free_volumes(const struct cloning *cloning, struct error *err)
{
	auto_free const char **keys = config_volume_keys(cloning->config);

	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volid =
			entry_volume(keys[i], config_get(cloning->config, keys[i]), err);
		auto_notes struct notes missing = { 0 };

		if (!volid ||
		    volume_free(&cloning->storages, slice(volid), &missing, err) < 0)
			return -1;
	}
	return 0;
}
