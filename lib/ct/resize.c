#include "ct/resize.h"

#include <string.h>

#include "base/child.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/process.h"
#include "config/size.h"
#include "config/store.h"
#include "config/volid.h"
#include "ct/allocate.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "lxc/command.h"
#include "mount/mount.h"
#include "storage/volume.h"

#define GONE_S 10
#define KIB    UINT64_C(1024)

struct resizing {
	const struct resize_request *request;
	struct config *config;
	struct mountpoint mp;
	struct storages storages;
	uint64_t now, then; /* bytes */
	enum volume_format format;
	bool running;
};

static void resizing_done(struct resizing *work)
{
	config_free(work->config);
	mountpoint_done(&work->mp);
	storages_done(&work->storages);
}

int resize_target(const char *text, uint64_t now, uint64_t *bytes, struct error *err)
{
	bool adds = text[0] == '+';
	uint64_t size;

	if (!size_parse(slice(text + adds), &size) ||
	    (adds && size > (uint64_t)INT64_MAX - now))
		return fail(err, 0, "invalid size '%s'", text);
	if (adds)
		size += now;
	if (size < now)
		return fail(err, 0, "unable to shrink disk size");
	if (size > (uint64_t)INT64_MAX - KIB)
		return fail(err, 0, "invalid size '%s'", text);
	*bytes = (size + KIB - 1) / KIB * KIB;
	return 0;
}

static int check_owner(const struct resizing *work, struct error *err)
{
	auto_free char *path = NULL;
	const struct storage *st;
	struct volume volume;

	if (volume_kind(slice(work->mp.volume)) != VOLUME_STORAGE)
		return fail(err, 0, "'%s' is no volume of a storage: it cannot be resized",
			    work->mp.volume);
	if (volume_resolve(&work->storages, slice(work->mp.volume), &st, &volume, &path,
			   err) < 0)
		return -1;
	if (volume.vmid != work->config->vmid)
		return fail(err, 0,
			    "can't resize mount point owned by another container (%u)",
			    volume.vmid);
	return 0;
}

/* As a property string that is empty. */
static int fail_missing(const char *key, struct error *err)
{
	static const char missing[] = "property is missing and it is not optional";

	if (strcmp(key, "rootfs") == 0)
		return fail(err, 0, "format error\nvolume: %s", missing);
	return fail(err, 0, "format error\nvolume: %s\nmp: %s", missing, missing);
}

/*
 * Where the storage has the size already but the file has not, an earlier try was killed
 * in between: it is brought to its end.
 */
static int plan(struct resizing *work, struct error *err)
{
	if (!config_get(work->config, work->request->key))
		return fail_missing(work->request->key, err);
	if (config_mountpoint(work->config, work->request->key, &work->mp, err) < 0)
		return fail_in(err, "%s", work->request->key);
	if (check_owner(work, err) < 0 ||
	    volume_size(&work->storages, slice(work->mp.volume), &work->now, &work->format,
			err) < 0 ||
	    resize_target(work->request->size, work->now, &work->then, err) < 0)
		return -1;
	if (work->then == work->now && (uint64_t)work->mp.size == work->now)
		return fail(err, 0, "disk is already at specified size");
	return 0;
}

static int grow_online(void *arg, struct error *err)
{
	const struct volume_source *source = arg;

	return mount_grow(source->path, source->is_device, err);
}

/* 1 is a file system that was repaired. */
static int check_file_system(const char *path, struct error *err)
{
	const char *const argv[] = { "e2fsck", "-f", "-y", path, NULL };
	pid_t pid = process_start(&(struct process){ .argv = argv }, err);
	int status = pid < 0 ? -1 : process_wait(pid, err);

	if (status < 0)
		return -1;
	return status <= 1 ? 0 : fail(err, 0, "e2fsck ended with status %d", status);
}

static int grow_offline(const struct volume_source *source, struct error *err)
{
	const char *const argv[] = { "resize2fs", source->path, NULL };

	if (check_file_system(source->path, err) < 0)
		return -1;
	return process_run(&(struct process){ .argv = argv }, err);
}

static int grow(struct resizing *work, struct error *err)
{
	auto_volume_source struct volume_source source = { 0 };
	struct slice volid = slice(work->mp.volume);
	struct error leaving;
	int status;

	if (volume_activate(&work->storages, volid, NULL, &source, err) < 0)
		return -1;
	if (work->running)
		return child_run(grow_online, &source, err);
	status = grow_offline(&source, err);
	if (volume_deactivate(&work->storages, volid, NULL, &leaving) < 0)
		warn_task("%s", leaving.text);
	return status;
}

/* The storage's size is there to stay, whatever becomes of the file system on it. */
static int resize(struct resizing *work, struct error *err)
{
	const char *key = work->request->key;
	auto_strbuf struct strbuf value = STRBUF_INIT;
	struct error growing;

	if (work->then != work->now &&
	    volume_resize(&work->storages, slice(work->mp.volume), work->then / KIB, err) <
		    0)
		return -1;
	if (work->format == FORMAT_RAW && grow(work, &growing) < 0)
		warn_task("Failed to update the container's filesystem: %s", growing.text);
	if (volume_value(key, config_get(work->config, key), work->mp.volume, work->then,
			 &value, err) < 0)
		return -1;
	config_set(work->config, key, value.at);
	return config_save(work->config, err);
}

int ct_resize(const struct resize_request *request, struct error *err)
{
	__attribute__((cleanup(resizing_done))) struct resizing work = { .request =
										 request };
	auto_lock struct lock lock = { 0 };

	if (lock_config(request->vmid, 10, &lock, err) < 0 ||
	    ct_load_digest(request->vmid, request->digest, &work.config, err) < 0 ||
	    ct_check_lock(work.config, NULL, err) < 0)
		return -1;
	storages_load(&work.storages, NULL);
	work.running = lxc_is_running(request->vmid);
	if (plan(&work, err) < 0 ||
	    (!work.running && ct_wait_gone(request->vmid, GONE_S, err) < 0))
		return -1;
	return resize(&work, err);
}
