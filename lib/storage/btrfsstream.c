#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "storage/btrfs.h"
#include "storage/btrfsprog.h"
#include "storage/btrfsspot.h"
#include "storage/target.h"

/* Streams of snapshots between storages of the type btrfs (storage.md 6.8). */

/* ---- sending ---- */

static void add_snapshot(char ***names, size_t *count, const char *entry, struct slice snap)
{
	*names = xreallocarray(*names, *count + 2, sizeof(**names));
	(*names)[(*count)++] = xasprintf("%s@" SLICE_FMT, entry, SLICE_ARG(snap));
	(*names)[*count] = NULL;
}

/* Those of the list in its order, but for the wanted one, which comes last. */
static void add_listed(const char *entry, const struct volume_stream *stream, char ***names,
		       size_t *count)
{
	struct slice rest = slice(stream->snapshot_list), word;

	while (slice_word(&rest, &word))
		if (!slice_is(word, stream->snapshot))
			add_snapshot(names, count, entry, word);
}

/* Without a list: those between the base, or the beginning, and the wanted one. */
static int add_between(const struct spot *spot, const struct volume_stream *stream,
		       char ***names, size_t *count, struct error *err)
{
	auto_snapshots struct spot_snapshots all = { 0 };
	size_t first = 0, last;

	if (spot_snapshots(spot, &all, err) < 0)
		return -1;
	for (size_t i = 0; stream->base && i < all.count; i++)
		if (strcmp(all.at[i].snap, stream->base) == 0)
			first = i + 1;
	for (last = first; last < all.count; last++)
		if (strcmp(all.at[last].snap, stream->snapshot) == 0)
			break;
	for (size_t i = first; last < all.count && i < last; i++)
		add_snapshot(names, count, spot->entry, slice(all.at[i].snap));
	return 0;
}

static int snapshots_of(const struct spot *spot, const struct volume_stream *stream,
			char ***names, struct error *err)
{
	size_t count = 0;

	if (stream->with_snapshots && stream->snapshot_list)
		add_listed(spot->entry, stream, names, &count);
	else if (stream->with_snapshots &&
		 add_between(spot, stream, names, &count, err) < 0)
		return -1;
	add_snapshot(names, &count, spot->entry, slice(stream->snapshot));
	return 0;
}

static int check_there(const struct spot *spot, const char *name, struct error *err)
{
	return spot_has(spot, name) ? 0 : fail(err, ENOENT, "snapshot '%s'", name);
}

int btrfs_send_volume(const struct storage *st, const char *volname,
		      const struct volume_stream *stream, int fd, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_words char **names = NULL;
	auto_free char *base = NULL;

	if (spot_find(st, volname, &spot, err) < 0 ||
	    snapshots_of(&spot, stream, &names, err) < 0)
		return -1;
	base = stream->base ? xasprintf("%s@%s", spot.entry, stream->base) : NULL;
	if (base && check_there(&spot, base, err) < 0)
		return -1;
	for (char **name = names; *name; name++)
		if (check_there(&spot, *name, err) < 0)
			return -1;
	return btrfs_send(&spot.place, base, (const char *const *)names, fd, err);
}

/* ---- receiving ---- */

/* btrfs finds the base of an incremental stream by itself, wherever it is. */
static int open_target(const struct storage *st, const char *volname,
		       const struct volume_stream *stream, struct spot *spot,
		       struct error *err)
{
	auto_free char *base = NULL;

	if (!stream->base)
		return spot_open(st, volname, PLACE_CREATE, spot, err);
	if (spot_find(st, volname, spot, err) < 0)
		return -1;
	base = xasprintf("%s@%s", spot->entry, stream->base);
	return check_there(spot, base, err);
}

/*
 * A subvolume with a temporary name: it goes with all that is inside it. The storage is
 * locked until it is held, so that nobody sweeps it.
 */
static int make_stage(const struct storage *st, const char *volname,
		      const struct volume_stream *stream, struct spot *spot,
		      char temp[PLACE_TEMP_MAX], struct error *err)
{
	auto_lock struct lock lock = { 0 };
	struct error ignored;
	int held = -1;

	if (storage_lock(st, &lock, err) < 0 ||
	    open_target(st, volname, stream, spot, err) < 0)
		return -1;
	place_sweep(&spot->place, btrfs_remove_entry);
	place_temp(temp);
	if (btrfs_subvolume_create(&spot->place, temp, err) == 0)
		held = place_hold(&spot->place, temp, err);
	if (held < 0)
		btrfs_remove_entry(&spot->place, temp, &ignored);
	return held;
}

int btrfs_receive_volume(const struct storage *st, const char *volname,
			 const struct volume_stream *stream, int fd,
			 struct volume_stage *out, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	char temp[PLACE_TEMP_MAX];
	int held = make_stage(st, volname, stream, &spot, temp, err);
	struct error ignored;

	if (held < 0)
		return -1;
	if (btrfs_receive(&spot.place, temp, fd, err) < 0) {
		close_fd(&held);
		btrfs_remove_entry(&spot.place, temp, &ignored);
		return -1;
	}
	*out = (struct volume_stage){ .vmid = spot.volume.vmid,
				      .name = xstrdup(temp),
				      .path = xasprintf("%s/%s", spot.place.path, temp),
				      .held = held };
	return 0;
}

/* What arrived: all are "<disk>@<snap>" of one disk, and the wanted one is there. */
struct arrived {
	char *disk;   /* owned */
	char **snaps; /* owned */
	size_t count;
	bool has_wanted;
};

static void arrived_done(struct arrived *arrived)
{
	free(arrived->disk);
	free_words(&arrived->snaps);
}

static int arrived_add(struct arrived *arrived, const char *name, const char *wanted,
		       struct error *err)
{
	struct slice snap, disk = slice_cut(slice(name), '@', &snap);

	if (!snap.at || !disk.len || (arrived->disk && !slice_is(disk, arrived->disk)))
		return fail(err, 0, "import stream: unexpected subvolume '%s'", name);
	if (!arrived->disk)
		arrived->disk = slice_dup(disk);
	arrived->snaps =
		xreallocarray(arrived->snaps, arrived->count + 2, sizeof(*arrived->snaps));
	arrived->snaps[arrived->count++] = slice_dup(snap);
	arrived->snaps[arrived->count] = NULL;
	arrived->has_wanted |= slice_is(snap, wanted);
	return snapshot_name_check(arrived->snaps[arrived->count - 1], err);
}

static int arrived_read(const struct spot *spot, const struct volume_stage *stage,
			const char *wanted, struct arrived *arrived, struct error *err)
{
	int fd = open_beneath(spot->place.own, stage->name, O_RDONLY | O_DIRECTORY, 0, err);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' &&
		    arrived_add(arrived, entry->d_name, wanted, err) < 0)
			return -1;
	if (!arrived->has_wanted)
		return fail(err, 0, "import stream: it has no snapshot '%s'", wanted);
	return 0;
}

/* A volume in the taking over of what arrived for it. */
struct adoption {
	const struct spot *spot;
	const struct volume_stage *stage;
	const struct arrived *arrived;
	const struct volume_stream *stream;
	bool *made; /* by index of arrived->snaps; owned */
};

/* One that is there already is fine if a killed import has left it. */
static int adopt_snapshot(struct adoption *adoption, size_t i, struct error *err)
{
	const struct spot *spot = adoption->spot;
	auto_free char *from =
		xasprintf("%s/%s@%s", adoption->stage->name, adoption->arrived->disk,
			  adoption->arrived->snaps[i]);
	auto_free char *to = xasprintf("%s@%s", spot->entry, adoption->arrived->snaps[i]);

	if (spot_has(spot, to) && spot_received_the_same(spot, from, to))
		return 0;
	if (btrfs_subvolume_snapshot(&spot->place, from, &spot->place, to, true, err) < 0)
		return -1;
	adoption->made[i] = true;
	return 0;
}

static int adopt_snapshots(struct adoption *adoption, struct error *err)
{
	const struct arrived *arrived = adoption->arrived;

	for (size_t i = 0; i < arrived->count; i++)
		if ((adoption->stream->with_snapshots ||
		     strcmp(arrived->snaps[i], adoption->stream->snapshot) == 0) &&
		    adopt_snapshot(adoption, i, err) < 0)
			return -1;
	return 0;
}

static void undo_snapshots(const struct adoption *adoption)
{
	struct error ignored;

	for (size_t i = 0; i < adoption->arrived->count; i++) {
		auto_free char *name = xasprintf("%s@%s", adoption->spot->entry,
						 adoption->arrived->snaps[i]);

		if (adoption->made[i])
			btrfs_remove_entry(&adoption->spot->place, name, &ignored);
	}
}

/* With a base the volume is there and gets the new state, else it may not be there. */
static int give_name(const struct adoption *adoption, const char *temp, struct error *err)
{
	const struct spot *spot = adoption->spot;

	return adoption->stream->base
		       ? spot_exchange(spot, temp, err)
		       : place_rename(&spot->place, temp, &spot->place, spot->entry, err);
}

/* The snapshots first: with its own name the volume is whole. */
static int adopt(struct adoption *adoption, struct error *err)
{
	const struct spot *spot = adoption->spot;
	auto_free char *from = xasprintf("%s@%s", spot->entry, adoption->stream->snapshot);
	char temp[PLACE_TEMP_MAX];
	struct error ignored;

	place_temp(temp);
	if (adopt_snapshots(adoption, err) < 0 ||
	    btrfs_subvolume_snapshot(&spot->place, from, &spot->place, temp, false, err) <
		    0 ||
	    give_name(adoption, temp, err) < 0) {
		btrfs_remove_entry(&spot->place, temp, &ignored);
		undo_snapshots(adoption);
		return -1;
	}
	btrfs_remove_entry(&spot->place, temp, &ignored);
	return btrfs_remove_entry(&spot->place, adoption->stage->name, err);
}

int btrfs_adopt(const struct storage *st, const struct volume_stage *stage,
		const struct volume_stream *stream, const char *volname, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	struct arrived arrived = { 0 };
	int status = -1;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) == 0 &&
	    arrived_read(&spot, stage, stream->snapshot, &arrived, err) == 0) {
		auto_free bool *made = xcalloc(arrived.count, sizeof(*made));
		struct adoption adoption = { &spot, stage, &arrived, stream, made };

		status = adopt(&adoption, err);
	}
	arrived_done(&arrived);
	return status;
}
