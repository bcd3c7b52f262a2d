#include "ct/allocate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"
#include "config/size.h"
#include "config/store.h"
#include "config/volid.h"
#include "mount/idmap.h"

#define DEFAULT_SIZE "4" /* GiB */

static const struct prop *rows_of(const char *key)
{
	return prop_find(container_props, slice(key))->members;
}

void allocation_add(struct allocation *allocation, const char *key, const char *value,
		    const char *storage, uint64_t size_kib)
{
	allocation->at = xreallocarray(allocation->at, allocation->count + 1,
				       sizeof(*allocation->at));
	allocation->at[allocation->count++] =
		(struct wanted_volume){ .key = xstrdup(key),
					.value = xstrdup(value),
					.storage = xstrdup(storage),
					.size_kib = size_kib };
}

/* What exists already is used as it is: it must be there, and of the right kind. */
static int check_existing(const char *volume, const struct storages *storages,
			  struct error *err)
{
	const struct storage *st;
	auto_free char *path = NULL;
	enum volume_format format;
	struct volume parsed;
	struct stat info;
	uint64_t bytes;

	switch (volume_kind(slice(volume))) {
	case VOLUME_DEVICE:
		if (stat(volume, &info) < 0 || !S_ISBLK(info.st_mode))
			return fail(err, 0, "'%s' is not a block device", volume);
		return 0;
	case VOLUME_BIND:
		if (lstat(volume, &info) < 0 || !S_ISDIR(info.st_mode))
			return fail(err, 0, "directory '%s' does not exist", volume);
		return 0;
	case VOLUME_STORAGE: break;
	}
	if (volume_resolve(storages, slice(volume), &st, &parsed, &path, err) < 0)
		return -1;
	if (!(st->content & CONTENT_ROOTDIR))
		return fail(err, 0, "storage '%s' does not support container directories",
			    st->id);
	return volume_size(storages, slice(volume), &bytes, &format, err);
}

static int plan_one(struct wanted_volume *wanted, const char *default_storage,
		    const struct storages *storages, struct error *err)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	const struct storage *st;
	struct slice storage;

	if (group_parse(slice(wanted->value), rows_of(wanted->key), &mp, err) < 0)
		return -1;
	if (!volume_is_new(slice(mp.volume), default_storage, &storage, &wanted->size_kib))
		return check_existing(mp.volume, storages, err);
	if (storage_use(storages, storage, CONTENT_ROOTDIR, &st, err) < 0)
		return -1;
	wanted->storage = slice_dup(storage);
	return 0;
}

int allocation_plan(const struct keyvals *options, const char *default_storage,
		    const struct storages *storages, struct allocation *allocation,
		    struct error *err)
{
	char key[8];
	const char *value = keyvals_get(options, "rootfs");
	auto_free char *fallback = xasprintf("%s:" DEFAULT_SIZE, default_storage);

	allocation_add(allocation, "rootfs", value ? value : fallback, NULL, 0);
	for (unsigned i = 0; i < MP_COUNT; i++) {
		snprintf(key, sizeof(key), "mp%u", i);
		if (!keyvals_get(options, key))
			continue;
		if (!value)
			return fail(
				err, 0,
				"mount points configured, but 'rootfs' not set - aborting");
		allocation_add(allocation, key, keyvals_get(options, key), NULL, 0);
	}
	for (size_t i = 0; i < allocation->count; i++)
		if (plan_one(&allocation->at[i], default_storage, storages, err) < 0)
			return fail_in(err, "%s", allocation->at[i].key);
	return 0;
}

int volume_value(const char *key, const char *value, const char *volume, uint64_t bytes,
		 struct strbuf *out, struct error *err)
{
	const struct prop *rows = rows_of(key);
	auto_strbuf struct strbuf size = STRBUF_INIT, with_volume = STRBUF_INIT;

	size_format(bytes, &size);
	if (group_with(slice(value), rows, "volume", volume, &with_volume, err) < 0)
		return -1;
	return group_with(strbuf_slice(&with_volume), rows, "size", size.at, out, err);
}

int volume_make(const struct storages *storages, const struct volume_order *order,
		bool *made, struct error *err)
{
	struct volume_request request = { .vmid = order->vmid,
					  .size_kib = order->size_kib };
	const struct volume_claim claim = { order->write_down, order->arg };
	auto_free char *volid = NULL;
	const struct storage *st;
	uint32_t uid, gid;

	if (storage_find(storages, slice(order->storage), &st, err) < 0 ||
	    mount_idmap_root(order->idmap, order->map, &uid, &gid, err) < 0)
		return -1;
	request.format = storage_guest_format(st, order->size_kib);
	if (volume_alloc(st, &request, &claim, &volid, err) < 0)
		return -1;
	*made = true;
	return volume_format(st, strchr(volid, ':') + 1, uid, gid, err);
}

int volume_make_like(const struct storages *storages, const char *source,
		     const struct volume_order *order, uint64_t *bytes, bool *made,
		     struct error *err)
{
	struct volume_order sized = *order;
	enum volume_format format;

	if (volume_size(storages, slice(source), bytes, &format, err) < 0)
		return -1;
	*bytes = (*bytes + 1023) / 1024 * 1024;
	sized.size_kib = *bytes / 1024;
	return volume_make(storages, &sized, made, err);
}

struct writing {
	const struct allocation *allocation;
	const struct wanted_volume *wanted;
	struct config *config;
};

/* The value as the file keeps it: volume id and size first become known here. */
static int write_down(void *arg, const char *volid, struct error *err)
{
	const struct writing *writing = arg;
	const struct wanted_volume *wanted = writing->wanted;
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (volume_value(wanted->key, wanted->value, volid, wanted->size_kib * 1024, &value,
			 err) < 0)
		return -1;
	config_set(writing->config, wanted->key, value.at);
	if (writing->allocation->save)
		return writing->allocation->save(writing->allocation->arg, err);
	return config_save(writing->config, err);
}

static int take_existing(const struct wanted_volume *wanted, struct config *config,
			 struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (group_with(slice(wanted->value), rows_of(wanted->key), NULL, NULL, &value,
		       err) < 0)
		return -1;
	config_set(config, wanted->key, value.at);
	return 0;
}

static int make_one(const struct allocation *allocation, struct wanted_volume *wanted,
		    const struct storages *storages, const struct idmap *map,
		    struct config *config, struct error *err)
{
	struct writing writing = { allocation, wanted, config };
	auto_mountpoint struct mountpoint mp = { 0 };

	if (!wanted->storage)
		return take_existing(wanted, config, err);
	if (group_parse(slice(wanted->value), rows_of(wanted->key), &mp, err) < 0)
		return fail_in(err, "%s", wanted->key);
	return volume_make(storages,
			   &(struct volume_order){ .vmid = config->vmid,
						   .storage = wanted->storage,
						   .size_kib = wanted->size_kib,
						   .map = map,
						   .idmap = mp.idmap,
						   .write_down = write_down,
						   .arg = &writing },
			   &wanted->made, err);
}

int allocation_make(struct allocation *allocation, const struct storages *storages,
		    const struct idmap *map, struct config *config, struct error *err)
{
	for (size_t i = 0; i < allocation->count; i++)
		if (interrupt_check(err) < 0 || make_one(allocation, &allocation->at[i],
							 storages, map, config, err) < 0)
			return -1;
	return 0;
}

void allocation_undo(struct allocation *allocation, const struct config *config,
		     const struct storages *storages)
{
	for (size_t i = 0; !allocation->keep && i < allocation->count; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		auto_notes struct notes notes = { 0 };
		struct error err;

		if (!allocation->at[i].made)
			continue;
		if (config_mountpoint(config, allocation->at[i].key, &mp, &err) < 0 ||
		    volume_free(storages, slice(mp.volume), &notes, &err) < 0)
			warn_plain("%s", err.text);
		else
			allocation->at[i].made = false;
		warn_notes(&notes);
	}
}

void allocation_done(struct allocation *allocation)
{
	for (size_t i = 0; i < allocation->count; i++) {
		free(allocation->at[i].key);
		free(allocation->at[i].value);
		free(allocation->at[i].storage);
	}
	free(allocation->at);
	*allocation = (struct allocation){ 0 };
}
