#include "ct/changehost.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/allocate.h"
#include "ct/changecheck.h"
#include "ct/compose.h"
#include "ct/hotnet.h"
#include "ct/hotplug.h"
#include "ct/unused.h"
#include "lxc/limits.h"

void change_host_init(struct change_host *host, const struct config *config)
{
	*host = (struct change_host){ .disk = config_copy(config) };
}

void change_host_done(struct change_host *host)
{
	config_free(host->disk);
	settings_done(&host->settings);
	storages_done(&host->storages);
	for (size_t i = 0; i < host->made_count; i++)
		free(host->made[i]);
	free(host->made);
	*host = (struct change_host){ 0 };
}

static const struct storages *storages_of(struct change_host *host)
{
	auto_notes struct notes notes = { 0 };

	if (!host->has_storages)
		storages_load(&host->storages, &notes);
	host->has_storages = true;
	warn_notes(&notes);
	return &host->storages;
}

static const struct settings *settings_of(struct change_host *host)
{
	auto_notes struct notes notes = { 0 };

	if (!host->has_settings)
		settings_load(&host->settings, &notes);
	host->has_settings = true;
	warn_notes(&notes);
	return &host->settings;
}

static bool is_mount(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	return row && row->flags & PROP_MOUNT;
}

static int prepare(void *arg, const char *key, const char *value, struct strbuf *stored,
		   struct error *err)
{
	struct change_host *host = arg;

	if (change_check(key, value, is_mount(key) ? storages_of(host) : NULL, err) < 0)
		return -1;
	return config_normalise(key, value, settings_of(host), stored, err);
}

struct update_host change_host_update(struct change_host *host)
{
	return (struct update_host){ .prepare = prepare, .arg = host };
}

static int free_volume(struct change_host *host, const char *volume, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status = volume_free(storages_of(host), slice(volume), &notes, err);

	warn_notes(&notes);
	return status;
}

/* A new volume that is not wanted after all. */
static void unmake(struct change_host *host, const char *volume)
{
	struct error err;

	if (free_volume(host, volume, &err) < 0) {
		warn_plain("%s", err.text);
		return;
	}
	unused_drop(host->disk, volume);
}

static void save_disk(struct change_host *host)
{
	struct error err;

	if (config_save(host->disk, &err) < 0)
		warn_plain("%s", err.text);
}

void change_host_undo(struct change_host *host)
{
	for (size_t i = 0; i < host->made_count; i++)
		unmake(host, host->made[i]);
	if (host->made_count)
		save_disk(host);
}

struct order {
	struct change_host *host;
	char *volume; /* once it has a name */
};

static int write_down(void *arg, const char *volid, struct error *err)
{
	struct order *order = arg;

	if (unused_add(order->host->disk, volid, err) < 0)
		return -1;
	order->volume = xstrdup(volid);
	return config_save(order->host->disk, err);
}

static int order_volume(struct order *order, const char *idmap, struct slice storage,
			uint64_t size_kib, struct error *err)
{
	struct change_host *host = order->host;
	auto_free char *id = slice_dup(storage);
	const struct storage *st;
	struct idmap map;
	bool made = false;

	if (config_idmap(host->disk, &map, err) < 0 ||
	    storage_use(storages_of(host), storage, CONTENT_ROOTDIR, &st, err) < 0)
		return -1;
	if (volume_make(storages_of(host),
			&(struct volume_order){ .vmid = host->disk->vmid,
						.storage = id,
						.size_kib = size_kib,
						.map = &map,
						.idmap = idmap,
						.write_down = write_down,
						.arg = order },
			&made, err) == 0)
		return 0;
	if (made)
		unmake(host, order->volume);
	else if (order->volume)
		unused_drop(host->disk, order->volume);
	if (order->volume)
		save_disk(host);
	return -1;
}

static int make_volume(struct change_host *host, const char *key, const char *value,
		       const struct mountpoint *mp, struct strbuf *stored,
		       struct error *err)
{
	struct order order = { .host = host };
	auto_free char *volume = NULL;
	struct slice storage;
	uint64_t size_kib;
	int status;

	volume_is_new(slice(mp->volume), "", &storage, &size_kib);
	status = order_volume(&order, mp->idmap, storage, size_kib, err);

	volume = order.volume;
	if (status < 0 ||
	    volume_value(key, value, volume, size_kib * 1024, stored, err) < 0)
		return -1;
	host->made = grow_array(host->made, host->made_count, sizeof(*host->made));
	host->made[host->made_count++] = take_ptr(&volume);
	return 0;
}

/*
 * The size of a volume that is there already; directories have none. Whether there is a
 * path does not tell: LVM makes one only for a volume in use.
 */
static int refresh_size(struct change_host *host, const char *key, const char *value,
			const char *volume, struct strbuf *stored, struct error *err)
{
	enum volume_format format;
	uint64_t bytes;

	if (volume_size(storages_of(host), slice(volume), &bytes, &format, err) == 0)
		return volume_value(key, value, volume, bytes, stored, err);
	return err->code == ENOENT ? fail(err, 0, "volume '%s' does not exist", volume)
				   : -1;
}

static int resolve_mount(struct change_host *host, const char *key, const char *value,
			 struct strbuf *stored, struct error *err)
{
	auto_mountpoint struct mountpoint mp = { 0 };
	struct slice storage;
	uint64_t size_kib;

	if (group_parse(slice(value), mp_props, &mp, err) < 0)
		return -1;
	if (volume_kind(slice(mp.volume)) != VOLUME_STORAGE)
		return group_with(slice(value), mp_props, NULL, NULL, stored, err);
	if (volume_is_new(slice(mp.volume), "", &storage, &size_kib))
		return make_volume(host, key, value, &mp, stored, err);
	return refresh_size(host, key, value, mp.volume, stored, err);
}

static int resolve(void *arg, const char *key, const char *value, struct strbuf *stored,
		   struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	struct change_host *host = arg;

	if (row && row->members == mp_props)
		return resolve_mount(host, key, value, stored, err);
	return config_normalise(key, value, settings_of(host), stored, err);
}

/* Another owner's volume stays; only the entry goes. */
static int release(void *arg, const char *key, const char *volume, struct error *err)
{
	struct change_host *host = arg;
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume parsed;

	(void)key;
	if (volume_resolve(storages_of(host), slice(volume), &st, &parsed, &path, err) < 0)
		return -1;
	if (parsed.vmid != host->disk->vmid) {
		warn_plain("ignore deletion of '%s', CT %u isn't the owner!", volume,
			   host->disk->vmid);
		return 0;
	}
	if (free_volume(host, volume, err) < 0)
		return -1;
	unused_drop(host->disk, volume);
	return 0;
}

/* The volume has its key now: it is not one that an undo may free. */
static void keep(struct change_host *host, const char *key)
{
	struct error ignored;
	auto_free char *volume = entry_volume(key, config_get(host->disk, key), &ignored);

	for (size_t i = 0; volume && i < host->made_count; i++)
		if (strcmp(host->made[i], volume) == 0) {
			free(host->made[i]);
			host->made[i] = host->made[--host->made_count];
			return;
		}
}

/*
 * A guest that sees a volume has it in its file, whatever becomes of the other changes:
 * the volume of a file without it could be freed under the guest.
 */
static int mount_live(void *arg, const char *key, const char *value, struct error *err)
{
	struct change_host *host = arg;

	config_set(host->disk, key, value);
	if (hotplug_mount(host->disk, key, storages_of(host), err) < 0) {
		config_unset(host->disk, key);
		return -1;
	}
	keep(host, key);
	return config_save(host->disk, err);
}

static int check_room(const struct change_host *host, const char *volume, struct error *err)
{
	return volume_kind(slice(volume)) == VOLUME_STORAGE ? unused_room(host->disk, err)
							    : 0;
}

/* The file has it as long as the guest may see it, and not a moment longer. */
static int unmount_live(void *arg, const char *key, struct error *err)
{
	struct change_host *host = arg;
	auto_free char *volume = entry_volume(key, config_get(host->disk, key), err);
	struct error waiting;

	if (!volume || check_room(host, volume, err) < 0)
		return -1;
	if (hotplug_unmount(host->disk, key, storages_of(host), &waiting) < 0) {
		warn_plain("unable to hotplug %s: %s", key, waiting.text);
		return 1;
	}
	config_unset(host->disk, key);
	return unused_add(host->disk, volume, err) < 0 ? -1 : config_save(host->disk, err);
}

static int give_device(void *arg, const char *key, const char *value, struct error *err)
{
	const struct change_host *host = arg;

	return hotplug_device(host->disk, key, value, err);
}

static int change_net(void *arg, const char *key, const char *value, struct strbuf *now,
		      struct error *err)
{
	struct change_host *host = arg;

	return value ? hotnet_set(host->disk, key, value, now, err)
		     : hotnet_delete(host->disk, key, err);
}

static int set_memory(void *arg, long long memory_mib, long long swap_mib,
		      struct error *err)
{
	const struct change_host *host = arg;
	auto_notes struct notes notes = { 0 };
	int status = limits_memory(host->disk->vmid, memory_mib, swap_mib, &notes, err);

	warn_notes(&notes);
	return status;
}

static int set_cores(const struct change_host *host, const char *value)
{
	auto_notes struct notes notes = { 0 };
	struct error err;

	/* Only the number is promised: the set follows it where it can. */
	if (limits_cores(host->disk, value ? strtoll(value, NULL, 10) : 0, &notes, &err) <
	    0)
		warn_plain("cores: %s", err.text);
	warn_notes(&notes);
	return 0;
}

static int set_limit(void *arg, const char *key, const char *value, struct error *err)
{
	const struct change_host *host = arg;
	unsigned vmid = host->disk->vmid;

	if (strcmp(key, "cores") == 0)
		return set_cores(host, value);
	if (strcmp(key, "cpulimit") == 0)
		return limits_cpu(vmid, value ? strtod(value, NULL) : 0, err);
	return limits_weight(vmid, value ? strtoll(value, NULL, 10) : -1, err);
}

struct apply_host change_host_apply(struct change_host *host)
{
	return (struct apply_host){ .resolve = resolve,
				    .release = release,
				    .mount = mount_live,
				    .unmount = unmount_live,
				    .device = give_device,
				    .net = change_net,
				    .memory = set_memory,
				    .limit = set_limit,
				    .arg = host };
}
