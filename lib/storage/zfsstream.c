#include "base/own.h"
#include "storage/program.h"
#include "storage/zfspool.h"

/*
 * Streams of snapshots between storages of the type zfspool (storage.md 6.8). One arrives
 * in a dataset of another name, which no listing shows, and is renamed when it is whole.
 */

/* The ZFS of Debian 12 does not know -U; a run that sends nothing tells. */
static const char *send_options(const struct storage *st, const char *volname,
				const struct volume_stream *stream)
{
	auto_words char **argv = zfs_send_words(st, "-nRpvU", volname, stream);
	struct error unknown;

	return program_run(&(struct storage_program){ .package = ZFS_PACKAGE,
						      .argv = (const char *const *)argv },
			   &unknown) < 0
		       ? "-Rpv"
		       : "-RpvU";
}

int zfs_send(const struct storage *st, const char *volname,
	     const struct volume_stream *stream, int fd, struct error *err)
{
	const char *options = send_options(st, volname, stream);
	auto_words char **argv = zfs_send_words(st, options, volname, stream);

	return program_run(&(struct storage_program){ .package = ZFS_PACKAGE,
						      .argv = (const char *const *)argv,
						      .stdout_fd = fd },
			   err);
}

static int destroy(const char *dataset, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };

	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "destroy", "-r", dataset));
	return commands_run(&commands, 0, NULL, err);
}

/* What arrived in part goes; with a base the dataset is as it was at that. */
static int take_back(const char *dataset, const char *base, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *snapshot = base ? xasprintf("%s@%s", dataset, base) : NULL;

	if (!base)
		return destroy(dataset, err);
	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "rollback", "-r", snapshot));
	return commands_run(&commands, 0, NULL, err);
}

static int check_there(const char *dataset, const char *snap, struct error *err)
{
	auto_free char *snapshot = xasprintf("%s@%s", dataset, snap);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice ignored;

	return zfs_get(snapshot, "name", &text, &ignored, err);
}

/* A stream brings properties along; where it is mounted and exported is ours to say. */
static int receive(const char *dataset, int fd, struct error *err)
{
	const char *const argv[] = { "zfs",        "recv", "-F",         "-x",
				     "encryption", "-x",   "mountpoint", "-x",
				     "sharenfs",   "-x",   "sharesmb",   "--",
				     dataset,      NULL };

	return program_run(&(struct storage_program){ .package = ZFS_PACKAGE,
						      .argv = argv,
						      .stdin_fd = fd },
			   err);
}

/*
 * An incremental stream arrives in the dataset itself: ZFS takes all of it or nothing.
 * Otherwise a dataset that a killed import has left is in the way.
 */
int zfs_receive(const struct storage *st, const char *volname,
		const struct volume_stream *stream, int fd, struct volume_stage *out,
		struct error *err)
{
	auto_free char *dataset =
		stream->base ? zfs_dataset(st, volname, NULL) : zfs_arrival(st, volname);
	struct error ignored;

	if (stream->base && check_there(dataset, stream->base, err) < 0)
		return -1;
	if (!stream->base)
		destroy(dataset, &ignored);
	if (receive(dataset, fd, err) < 0) {
		take_back(dataset, stream->base, &ignored);
		return -1;
	}
	*out = (struct volume_stage){ .name = take_ptr(&dataset),
				      .base = stream->base ? xstrdup(stream->base) : NULL,
				      .held = -1 };
	return 0;
}

int zfs_adopt(const struct storage *st, const struct volume_stage *stage,
	      const struct volume_stream *stream, const char *volname, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);

	if (check_there(stage->name, stream->snapshot, err) < 0)
		return fail_in(err, "import stream");
	if (stream->base)
		return 0;
	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "rename", stage->name, dataset));
	return commands_run(&commands, 0, NULL, err);
}

int zfs_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err)
{
	(void)st;
	return take_back(stage->name, stage->base, err);
}
