#include "storage/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "config/volid.h"
#include "storage/target.h"

int volume_resolve(const struct storages *all, struct slice volid,
		   const struct storage **st, struct volume *volume, char **path,
		   struct error *err)
{
	const struct storage *found;
	struct slice id, volname;
	struct volume parsed;

	if (volid_parse(volid, &id, &volname, err) < 0 ||
	    storage_find(all, id, &found, err) < 0 ||
	    found->type->parse(found, volname, &parsed, err) < 0)
		return -1;
	*st = found;
	*volume = parsed;
	*path = found->type->path(found, volname, NULL);
	return 0;
}

/* Mounting */

static int fail_no_source(const struct target *target, struct error *err)
{
	if (target->volume.format == FORMAT_SUBVOL)
		return fail(err, 0, "cannot mount subvol snapshots for storage type '%s'",
			    target->st->type_name);
	return fail(err, 0, "storage '%s' has no snapshots of '%s'", target->st->id,
		    target->volname);
}

static int find_source(const struct target *target, const char *snap,
		       struct volume_source *out, struct error *err)
{
	const struct storage *st = target->st;
	const struct volume *volume = &target->volume;
	bool is_subvol = volume->format == FORMAT_SUBVOL;
	struct volume_source source = { .format = volume->format,
					.is_device = !is_subvol && st->type->is_block,
					.is_base = volume->is_base };

	source.is_dataset = snap && is_subvol && st->type->snapshot_dataset;
	if (source.is_dataset)
		source.path = st->type->snapshot_dataset(st, target->volname, snap);
	else
		source.path = st->type->path(st, slice(target->volname), snap);
	if (!source.path)
		return fail_no_source(target, err);
	*out = source;
	return 0;
}

int volume_activate(const struct storages *all, struct slice volid, const char *snap,
		    struct volume_source *out, struct error *err)
{
	auto_volume_source struct volume_source source = { 0 };
	auto_target struct target target = { 0 };

	if ((snap && snapshot_name_check(snap, err) < 0) ||
	    target_open(all, volid, &target, err) < 0 ||
	    find_source(&target, snap, &source, err) < 0)
		return -1;
	if (target.st->type->activate_volume && target.volume.content == CONTENT_IMAGES &&
	    target.st->type->activate_volume(target.st, target.volname, snap, err) < 0)
		return -1;
	*out = source;
	source = (struct volume_source){ 0 };
	return 0;
}

int volume_set_acl(const struct storages *all, struct slice volid, bool acl,
		   struct error *err)
{
	auto_target struct target target = { 0 };

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	if (!target.st->type->set_acl || target.volume.format != FORMAT_SUBVOL)
		return 0;
	return target.st->type->set_acl(target.st, target.volname, acl, err);
}

int volume_deactivate(const struct storages *all, struct slice volid, const char *snap,
		      struct error *err)
{
	auto_target struct target target = { 0 };

	if ((snap && snapshot_name_check(snap, err) < 0) ||
	    target_find(all, volid, &target, err) < 0)
		return -1;
	if (!target.st->type->deactivate_volume || target.volume.content != CONTENT_IMAGES)
		return 0;
	return target.st->type->deactivate_volume(target.st, target.volname, snap, err);
}

void volume_source_done(struct volume_source *source)
{
	free(source->path);
	*source = (struct volume_source){ 0 };
}

/* Making and removing */

enum volume_format storage_guest_format(const struct storage *st, uint64_t size_kib)
{
	if (st->type->sized_subvols)
		return FORMAT_SUBVOL;
	return size_kib || st->type->is_block ? FORMAT_RAW : FORMAT_SUBVOL;
}

/* How a name has to look that a user chooses for a new volume (storage.md 4.2). */
static int fail_name(const struct storage *st, const struct volume_request *request,
		     struct error *err)
{
	const char *format = request->format == FORMAT_SUBVOL ? "subvol" : "raw";

	if (st->type->owner_dirs)
		return fail(err, 0, "illegal name '%s' - it should end with '.%s'",
			    request->name, format);
	return fail(err, 0, "illegal name '%s' - it should start with '%s-%u-'",
		    request->name, request->format == FORMAT_SUBVOL ? "subvol" : "vm",
		    request->vmid);
}

static int check_name(const struct storage *st, const struct volume_request *request,
		      const char *volname, struct error *err)
{
	struct volume volume;

	if (st->type->parse(st, slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content != CONTENT_IMAGES || volume.vmid != request->vmid ||
	    volume.base.len || volume.format != request->format ||
	    (volume.is_base && !st->type->owner_dirs))
		return fail_name(st, request, err);
	return 0;
}

/* The volname that a request asks for, or the free one; the caller frees it. */
static char *requested_name(const struct storage *st, const struct volume_request *request,
			    struct error *err)
{
	auto_free char *name = NULL;

	if (!request->name)
		return st->type->new_name(st, request->vmid, request->format, err);
	name = st->type->owner_dirs ? xasprintf("%u/%s", request->vmid, request->name)
				    : xstrdup(request->name);
	return check_name(st, request, name, err) < 0 ? NULL : take_ptr(&name);
}

int volume_alloc(const struct storage *st, const struct volume_request *request,
		 const struct volume_claim *claim, char **new_volid, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_free char *name = NULL, *volid = NULL;

	if (!(st->type->formats & 1U << request->format) || !st->type->create)
		return fail(err, 0, "storage '%s' cannot hold volumes of that format",
			    st->id);
	if (storage_lock(st, &lock, err) < 0)
		return -1;
	name = requested_name(st, request, err);
	if (!name)
		return -1;
	volid = xasprintf("%s:%s", st->id, name);
	if ((claim && claim->write_down(claim->arg, volid, err) < 0) ||
	    st->type->create(st, name, request->size_kib, err) < 0)
		return -1;
	*new_volid = take_ptr(&volid);
	return 0;
}

/* A linked clone names its base in its own volume id. */
static int check_unused_base(const struct target *base, struct error *err)
{
	const struct storage *st = base->st;
	struct slice own = target_own_name(base), id, other;
	auto_volume_list struct volume_list list = { 0 };
	struct volume volume;

	if (st->type->list(st, CONTENT_IMAGES, 0, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (volid_parse(slice(list.at[i].volid), &id, &other, err) == 0 &&
		    st->type->parse(st, other, &volume, err) == 0 &&
		    volume.base.len == own.len &&
		    memcmp(volume.base.at, own.at, own.len) == 0)
			return fail(err, 0,
				    "base volume '%s' is still in use by linked clones",
				    base->volname);
	return 0;
}

int volume_free(const struct storages *all, struct slice volid, struct notes *notes,
		struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };

	if (target_open(all, volid, &target, err) < 0 ||
	    storage_lock(target.st, &lock, err) < 0)
		return -1;
	if (target.volume.is_base && check_unused_base(&target, err) < 0)
		return -1;
	return target.st->type->free(target.st, target.volname, notes, err);
}

/* Size */

int volume_size(const struct storages *all, struct slice volid, uint64_t *bytes,
		enum volume_format *format, struct error *err)
{
	auto_target struct target target = { 0 };

	if (target_open(all, volid, &target, err) < 0 ||
	    target.st->type->size(target.st, target.volname, bytes, err) < 0)
		return -1;
	*format = target.volume.format;
	return 0;
}

int volume_resize(const struct storages *all, struct slice volid, uint64_t size_kib,
		  struct error *err)
{
	auto_target struct target target = { 0 };
	auto_lock struct lock lock = { 0 };
	uint64_t bytes;

	if (target_open(all, volid, &target, err) < 0)
		return -1;
	if (target.volume.content != CONTENT_IMAGES || target.volume.is_base)
		return fail(err, 0, "volume '" SLICE_FMT "' cannot be resized",
			    SLICE_ARG(volid));
	if (storage_lock(target.st, &lock, err) < 0 ||
	    target.st->type->size(target.st, target.volname, &bytes, err) < 0)
		return -1;
	if (bytes / 1024 > size_kib)
		return fail(err, 0, "unable to shrink disk size");
	return target.st->type->resize(target.st, target.volname, size_kib, err);
}

/* Arguments that name a file */

static int resolve_file(const struct storages *all, struct slice volid, unsigned content,
			char **path, struct error *err)
{
	const struct storage *st = NULL;
	auto_free char *found = NULL;
	struct slice id, volname;
	struct volume volume;

	if (volume_resolve(all, volid, &st, &volume, &found, err) < 0)
		return -1;
	if (volume.content != content)
		return fail(err, 0, "volume '" SLICE_FMT "' is not of content type '%s'",
			    SLICE_ARG(volid), content_name(content));
	if (volid_parse(volid, &id, &volname, err) < 0 ||
	    storage_use(all, id, content, &st, err) < 0)
		return -1;
	if (access(found, F_OK) < 0 && errno == ENOENT)
		return fail(err, 0, "volume '" SLICE_FMT "' does not exist",
			    SLICE_ARG(volid));
	*path = take_ptr(&found);
	return 0;
}

int storage_file_argument(const struct storages *all, const char *argument,
			  unsigned content, char **path, struct error *err)
{
	struct slice id, volname;
	auto_free char *real = NULL;
	struct stat info;

	if (volid_parse(slice(argument), &id, &volname, err) == 0)
		return resolve_file(all, slice(argument), content, path, err);
	real = realpath(argument, NULL);
	if (!real)
		return fail(err, errno, "cannot open '%s'", argument);
	if (stat(real, &info) < 0 || !S_ISREG(info.st_mode))
		return fail(err, 0, "'%s' is not a regular file", argument);
	*path = take_ptr(&real);
	return 0;
}
