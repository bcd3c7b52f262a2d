#include "base/own.h"
#include "storage/program.h"
#include "storage/zfspool.h"

/*
 * Streams of snapshots between storages of the type zfspool (storage.md 6.8). One arrives
 * in a dataset of another name, which no listing shows, and is renamed when it is whole.
 */

int zfs_send(const struct storage *st, const char *volname,
	     const struct volume_stream *stream, int fd, struct error *err)
{
	auto_words char **argv = zfs_send_words(st, volname, stream);

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

/* A dataset that a killed import has left is in the way. */
int zfs_receive(const struct storage *st, const char *volname,
		const struct volume_stream *stream, int fd, struct volume_stage *out,
		struct error *err)
{
	auto_free char *dataset = zfs_arrival(st, volname);
	const char *const argv[] = { "zfs",        "recv", "-F",    "-x",
				     "encryption", "--",   dataset, NULL };
	struct error ignored;

	(void)stream;
	destroy(dataset, &ignored);
	if (program_run(&(struct storage_program){ .package = ZFS_PACKAGE,
						   .argv = argv,
						   .stdin_fd = fd },
			err) < 0) {
		destroy(dataset, &ignored);
		return -1;
	}
	*out = (struct volume_stage){ .name = take_ptr(&dataset), .held = -1 };
	return 0;
}

int zfs_adopt(const struct storage *st, const struct volume_stage *stage,
	      const struct volume_stream *stream, const char *volname, struct error *err)
{
	auto_commands struct commands commands = { .package = ZFS_PACKAGE };
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *snapshot = xasprintf("%s@%s", stage->name, stream->snapshot);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice ignored;

	if (zfs_get(snapshot, "name", &text, &ignored, err) < 0)
		return fail_in(err, "import stream");
	commands_add(&commands, COMMAND_MUST, WORDS("zfs", "rename", stage->name, dataset));
	return commands_run(&commands, 0, NULL, err);
}

int zfs_discard(const struct storage *st, const struct volume_stage *stage,
		struct error *err)
{
	(void)st;
	return destroy(stage->name, err);
}
