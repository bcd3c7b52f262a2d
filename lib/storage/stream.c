#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/dirvolume.h"
#include "storage/layout.h"
#include "storage/place.h"
#include "storage/streamio.h"
#include "storage/target.h"

#define FILE_MODE 0644

/* Streams of volumes: which ones there are, and the way of an import to its name. */

enum shape {
	SHAPE_NONE,
	SHAPE_IMAGE,    /* raw+size */
	SHAPE_TREE,     /* tar+size */
	SHAPE_FILE,     /* raw+size of a file that is no guest volume */
	SHAPE_SNAPSHOT, /* the backend's own */
};

static bool has_snapshot_stream(const struct target *target,
				const struct volume_stream *stream)
{
	const char *own = target->st->type->snapshot_stream;

	return own && strcmp(own, stream->format) == 0 &&
	       target->volume.content == CONTENT_IMAGES &&
	       target->volume.format != FORMAT_OTHER;
}

/* Names of snapshots reach the backend's program. */
static int check_names(const struct volume_stream *stream, struct error *err)
{
	struct slice rest = slice(stream->snapshot_list), word;

	if ((stream->snapshot && snapshot_name_check(stream->snapshot, err) < 0) ||
	    (stream->base && snapshot_name_check(stream->base, err) < 0))
		return -1;
	if (stream->snapshot_list && !stream->with_snapshots)
		return fail(err, 0, "a list of snapshots is for streams with snapshots");
	while (slice_word(&rest, &word)) {
		auto_free char *name = slice_dup(word);

		if (snapshot_name_check(name, err) < 0)
			return -1;
	}
	return 0;
}

/* "import/x.ova/disk.raw" is a part of one. */
static bool is_one_file(const struct target *target)
{
	size_t prefix = strlen(file_content_prefix(target->volume.content));

	return target->volume.name.at == target->volname + prefix;
}

static enum shape shape_of(const struct target *target, const struct volume_stream *stream)
{
	const struct volume *volume = &target->volume;
	bool is_raw = strcmp(stream->format, "raw+size") == 0;
	bool is_tar = strcmp(stream->format, "tar+size") == 0;

	if (stream->snapshot)
		return has_snapshot_stream(target, stream) ? SHAPE_SNAPSHOT : SHAPE_NONE;
	if (stream->base || stream->with_snapshots || !target->st->type->stage)
		return SHAPE_NONE;
	if (volume->content == CONTENT_BACKUP)
		return SHAPE_NONE;
	if (volume->content != CONTENT_IMAGES)
		return is_raw && is_one_file(target) ? SHAPE_FILE : SHAPE_NONE;
	if (volume->format == FORMAT_RAW && is_raw)
		return SHAPE_IMAGE;
	return volume->format == FORMAT_SUBVOL && is_tar ? SHAPE_TREE : SHAPE_NONE;
}

static int fail_shape(const struct target *target, const struct volume_stream *stream,
		      const char *what, struct error *err)
{
	return fail(err, 0, "unsupported %s format '%s' for volume '%s:%s'", what,
		    stream->format, target->st->id, target->volname);
}

int volume_export(const struct storages *all, struct slice volid,
		  const struct volume_stream *stream, int fd, struct error *err)
{
	auto_volume_source struct volume_source source = { 0 };
	auto_target struct target target = { 0 };
	enum shape shape;

	if (check_names(stream, err) < 0 || target_find(all, volid, &target, err) < 0)
		return -1;
	shape = shape_of(&target, stream);
	if (shape == SHAPE_NONE)
		return fail_shape(&target, stream, "export", err);
	if (shape == SHAPE_SNAPSHOT)
		return target.st->type->activate(target.st, err) < 0
			       ? -1
			       : target.st->type->send(target.st, target.volname, stream,
						       fd, err);
	if (volume_activate(all, volid, NULL, &source, err) < 0)
		return -1;
	return shape == SHAPE_TREE ? stream_put_tree(source.path, fd, err)
				   : stream_put_image(source.path, fd, err);
}

/* Import of guest volumes */

static bool exists(const struct target *target)
{
	struct error ignored;
	uint64_t bytes;

	return target->st->type->size(target->st, target->volname, &bytes, &ignored) == 0;
}

/* The volname that it gets in the end; the storage is locked. */
static char *final_name(const struct target *target, const struct volume_stream *stream,
			bool allow_rename, struct notes *notes, struct error *err)
{
	bool is_increment = stream && stream->base;

	if (is_increment || !exists(target))
		return xstrdup(target->volname);
	if (!allow_rename) {
		fail(err, 0, "volume '%s:%s' already exists", target->st->id,
		     target->volname);
		return NULL;
	}
	notes_add(notes, "volume '%s:%s' already exists - importing with a different name",
		  target->st->id, target->volname);
	return target->st->type->new_name(target->st, target->volume.vmid,
					  target->volume.format, err);
}

static int begin(const struct target *target, uint64_t bytes, bool allow_rename,
		 struct volume_stage *stage, struct error *err)
{
	auto_lock struct lock lock = { 0 };

	if (bytes > INT64_MAX - 1024)
		return fail(err, EFBIG, "import stream: size %llu",
			    (unsigned long long)bytes);
	if (storage_lock(target->st, &lock, err) < 0)
		return -1;
	if (!allow_rename && exists(target))
		return fail(err, 0, "volume '%s:%s' already exists", target->st->id,
			    target->volname);
	return target->st->type->stage(target->st, target->volname, (bytes + 1023) / 1024,
				       stage, err);
}

/* stream NULL: what the stage holds is the volume itself. */
static int finish(const struct target *target, const struct volume_stage *stage,
		  const struct volume_stream *stream, bool allow_rename,
		  struct notes *notes, char **new_volid, struct error *err)
{
	const struct storage_type *type = target->st->type;
	auto_lock struct lock lock = { 0 };
	auto_free char *name = NULL;

	if (storage_lock(target->st, &lock, err) < 0)
		return -1;
	name = final_name(target, stream, allow_rename, notes, err);
	if (!name || (stream ? type->adopt(target->st, stage, stream, name, err)
			     : type->publish(target->st, stage, name, err)) < 0)
		return -1;
	*new_volid = xasprintf("%s:%s", target->st->id, name);
	return 0;
}

static void stage_done(struct volume_stage *stage)
{
	close_fd(&stage->held);
	free_ptr(&stage->name);
	free_ptr(&stage->path);
	free_ptr(&stage->base);
}

static int import_guest(const struct target *target, enum shape shape, int fd,
			uint64_t bytes, bool allow_rename, struct notes *notes,
			char **new_volid, struct error *err)
{
	struct volume_stage stage = { .held = -1 };
	bool is_zeroed =
		storage_has_feature(target->st, &target->volume, NULL, FEATURE_SPARSEINIT);
	struct error ignored;
	int status;

	if (begin(target, bytes, allow_rename, &stage, err) < 0)
		return -1;
	status = shape == SHAPE_TREE
			 ? stream_get_tree(fd, stage.path, err)
			 : stream_get_image(fd, bytes, stage.path, is_zeroed, err);
	if (status == 0)
		status = finish(target, &stage, NULL, allow_rename, notes, new_volid, err);
	if (status < 0)
		target->st->type->discard(target->st, &stage, &ignored);
	stage_done(&stage);
	return status;
}

static int import_snapshot(const struct target *target, const struct volume_stream *stream,
			   int fd, bool allow_rename, struct notes *notes, char **new_volid,
			   struct error *err)
{
	struct volume_stage stage = { .held = -1 };
	struct error ignored;
	int status;

	if (!stream->base && !allow_rename && exists(target))
		return fail(err, 0, "volume '%s:%s' already exists", target->st->id,
			    target->volname);
	if (stream->base && allow_rename)
		return fail(err, 0, "an incremental stream cannot get another name");
	if (target->st->type->receive(target->st, target->volname, stream, fd, &stage,
				      err) < 0)
		return -1;
	status = finish(target, &stage, stream, allow_rename, notes, new_volid, err);
	if (status < 0)
		target->st->type->discard(target->st, &stage, &ignored);
	stage_done(&stage);
	return status;
}

/*
 * Import of other files, under a temporary name until they are whole. What killed imports
 * left goes first.
 */
static int make_file(const struct target *target, struct place *place, char *temp,
		     struct error *err)
{
	auto_free char *dir = file_content_dir(target->st, target->volume.content);
	auto_lock struct lock lock = { 0 };
	auto_close int made = -1;

	if (storage_lock(target->st, &lock, err) < 0 ||
	    place_open_path(dir, place, err) < 0)
		return -1;
	place_sweep(place, dir_remove_entry);
	place_temp(temp);
	made = openat(place->own, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (made < 0)
		return fail(err, errno, "cannot create '%s/%s'", dir, temp);
	return place_hold(place, temp, err);
}

static int fill_file(const struct place *place, const char *temp, int fd, uint64_t bytes,
		     struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", place->path, temp);

	if (stream_get_image(fd, bytes, path, true, err) < 0)
		return -1;
	/* Zeros at the end were left out. */
	if (truncate(path, (off_t)bytes) < 0)
		return fail(err, errno, "cannot set the size of '%s'", path);
	return 0;
}

static int import_file(const struct target *target, int fd, uint64_t bytes,
		       char **new_volid, struct error *err)
{
	auto_place struct place place = PLACE_INIT;
	auto_free char *name = slice_dup(target->volume.name);
	char temp[PLACE_TEMP_MAX] = "";
	auto_close int held = make_file(target, &place, temp, err);

	if (held < 0)
		return -1;
	if (fill_file(&place, temp, fd, bytes, err) == 0 &&
	    place_rename(&place, temp, &place, name, err) == 0) {
		*new_volid = xasprintf("%s:%s", target->st->id, target->volname);
		return 0;
	}
	unlinkat(place.own, temp, 0);
	if (err->code == EEXIST)
		return fail(err, 0, "volume '%s:%s' already exists", target->st->id,
			    target->volname);
	return -1;
}

int volume_import_check(const struct storages *all, struct slice volid, struct error *err)
{
	auto_target struct target target = { 0 };
	const struct storage *st;
	unsigned content;

	if (target_find(all, volid, &target, err) < 0)
		return -1;
	content = target.volume.content;
	if (content == CONTENT_IMAGES)
		content |= CONTENT_ROOTDIR;
	return storage_use(all, slice(target.st->id), content, &st, err);
}

int volume_import(const struct storages *all, struct slice volid,
		  const struct volume_stream *stream, int fd, bool allow_rename,
		  struct notes *notes, char **new_volid, struct error *err)
{
	auto_target struct target target = { 0 };
	enum shape shape;
	uint64_t bytes;

	if (check_names(stream, err) < 0 || target_find(all, volid, &target, err) < 0)
		return -1;
	shape = shape_of(&target, stream);
	if (shape == SHAPE_NONE || target.volume.base.len)
		return fail_shape(&target, stream, "import", err);
	if (volume_import_check(all, volid, err) < 0)
		return -1;
	if (shape == SHAPE_SNAPSHOT)
		return import_snapshot(&target, stream, fd, allow_rename, notes, new_volid,
				       err);
	if (stream_get_size(fd, &bytes, err) < 0)
		return -1;
	if (shape == SHAPE_FILE)
		return import_file(&target, fd, bytes, new_volid, err);
	return import_guest(&target, shape, fd, shape == SHAPE_TREE ? 0 : bytes,
			    allow_rename, notes, new_volid, err);
}
