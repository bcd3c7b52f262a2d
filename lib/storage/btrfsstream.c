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

static void add_snapshot(char ***names, size_t *count, const char *entry, struct slice snap)
{
	*names = xreallocarray(*names, *count + 2, sizeof(**names));
	(*names)[(*count)++] = xasprintf("%s@" SLICE_FMT, entry, SLICE_ARG(snap));
	(*names)[*count] = NULL;
}

/* Those of the list, and the wanted one last. */
static char **snapshots_of(const char *entry, const struct volume_stream *stream)
{
	struct slice rest = slice(stream->with_snapshots ? stream->snapshot_list : NULL);
	struct slice word;
	char **names = NULL;
	size_t count = 0;

	while (slice_word(&rest, &word))
		if (!slice_is(word, stream->snapshot))
			add_snapshot(&names, &count, entry, word);
	add_snapshot(&names, &count, entry, slice(stream->snapshot));
	return names;
}

int btrfs_send_volume(const struct storage *st, const char *volname,
		      const struct volume_stream *stream, int fd, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	auto_words char **names = NULL;
	auto_free char *base = NULL;

	if (spot_find(st, volname, &spot, err) < 0)
		return -1;
	names = snapshots_of(spot.entry, stream);
	base = stream->base ? xasprintf("%s@%s", spot.entry, stream->base) : NULL;
	for (char **name = names; *name; name++)
		if (!spot_has(&spot, *name))
			return fail(err, ENOENT, "snapshot '%s'", *name);
	return btrfs_send(&spot.place, base, (const char *const *)names, fd, err);
}

/* Into a subvolume with a temporary name: it goes with all that is inside it. */
int btrfs_receive_volume(const struct storage *st, const char *volname,
			 const struct volume_stream *stream, int fd,
			 struct volume_stage *out, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	char temp[PLACE_TEMP_MAX];
	struct error ignored;
	int held = -1;

	(void)stream;
	if (spot_open(st, volname, PLACE_CREATE, &spot, err) < 0)
		return -1;
	place_temp(temp);
	if (btrfs_subvolume_create(&spot.place, temp, err) < 0 ||
	    (held = place_hold(&spot.place, temp, err)) < 0 ||
	    btrfs_receive(&spot.place, temp, fd, err) < 0) {
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

static int adopt_snapshots(const struct spot *spot, const struct volume_stage *stage,
			   const struct arrived *arrived,
			   const struct volume_stream *stream, struct error *err)
{
	for (size_t i = 0; i < arrived->count; i++) {
		const char *snap = arrived->snaps[i];
		auto_free char *from =
			xasprintf("%s/%s@%s", stage->name, arrived->disk, snap);
		auto_free char *to = xasprintf("%s@%s", spot->entry, snap);

		if (!stream->with_snapshots && strcmp(snap, stream->snapshot) != 0)
			continue;
		if (btrfs_subvolume_snapshot(&spot->place, from, &spot->place, to, true,
					     err) < 0)
			return -1;
	}
	return 0;
}

/* The snapshots first: with its own name the volume is whole. */
static int adopt(const struct spot *spot, const struct volume_stage *stage,
		 const struct arrived *arrived, const struct volume_stream *stream,
		 struct error *err)
{
	auto_free char *from = xasprintf("%s@%s", spot->entry, stream->snapshot);
	char temp[PLACE_TEMP_MAX];
	struct error ignored;

	place_temp(temp);
	if (adopt_snapshots(spot, stage, arrived, stream, err) == 0 &&
	    btrfs_subvolume_snapshot(&spot->place, from, &spot->place, temp, false, err) ==
		    0 &&
	    place_rename(&spot->place, temp, &spot->place, spot->entry, err) == 0)
		return btrfs_remove_entry(&spot->place, stage->name, err);
	btrfs_remove_entry(&spot->place, temp, &ignored);
	for (size_t i = 0; i < arrived->count; i++) {
		auto_free char *name = xasprintf("%s@%s", spot->entry, arrived->snaps[i]);

		btrfs_remove_entry(&spot->place, name, &ignored);
	}
	return -1;
}

int btrfs_adopt(const struct storage *st, const struct volume_stage *stage,
		const struct volume_stream *stream, const char *volname, struct error *err)
{
	auto_spot struct spot spot = SPOT_INIT;
	struct arrived arrived = { 0 };
	int status = -1;

	if (spot_open(st, volname, PLACE_EXISTING, &spot, err) == 0 &&
	    arrived_read(&spot, stage, stream->snapshot, &arrived, err) == 0)
		status = adopt(&spot, stage, &arrived, stream, err);
	arrived_done(&arrived);
	return status;
}
