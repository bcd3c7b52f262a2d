#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "commands.h"
#include "streams.h"

struct export_options {
	char *volume, *format, *filename, *base, *snapshot, *list;
	int with_snapshots;
};

static const struct prop export_args[] = {
	{ .name = "volume",
	  .type = PROP_TEXT,
	  .offset = AT(export_options, volume),
	  .help = "Volume identifier.",
	  .flags = PROP_REQUIRED },
	{ .name = "format",
	  .type = PROP_ENUM,
	  .offset = AT(export_options, format),
	  .help = "Export stream format.",
	  .choices = stream_formats,
	  .flags = PROP_REQUIRED },
	{ .name = "filename",
	  .type = PROP_TEXT,
	  .offset = AT(export_options, filename),
	  .help = "Destination file name, which is replaced unless it is a pipe or a "
		  "device; - is the standard output.",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop export_options[] = {
	{ .name = "base",
	  .type = PROP_TEXT,
	  .offset = AT(export_options, base),
	  .help = "Snapshot to start an incremental stream from." },
	{ .name = "snapshot",
	  .type = PROP_TEXT,
	  .offset = AT(export_options, snapshot),
	  .help = "Snapshot to export." },
	{ .name = "snapshot-list",
	  .type = PROP_TEXT,
	  .offset = AT(export_options, list),
	  .help = "Snapshots to transfer in their order.",
	  .flags = PROP_LIST },
	{ .name = "with-snapshots",
	  .type = PROP_BOOL,
	  .offset = AT(export_options, with_snapshots),
	  .help = "Whether the stream includes intermediate snapshots.",
	  .fallback = "0" },
	{ 0 },
};

/* "-" or a file that is made whole first: a failed export leaves what was there. */
static int export_to(const struct storages *all, const struct export_options *options,
		     int fd, struct error *err)
{
	const struct volume_stream stream = {
		.format = options->format,
		.snapshot = options->snapshot,
		.snapshot_list = options->list,
		.base = options->base,
		.with_snapshots = options->with_snapshots > 0,
	};

	interrupt_catch();
	return volume_export(all, slice(options->volume), &stream, fd, err);
}

/* A device, a pipe or a terminal takes the stream itself, and stays what it is. */
static int export_to_special(const struct storages *all,
			     const struct export_options *options, struct error *err)
{
	auto_close int fd = open(options->filename, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", options->filename);
	if (export_to(all, options, fd, err) < 0)
		return -1;
	/* Of a pipe there is nothing to sync. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		return fail(err, errno, "cannot write '%s'", options->filename);
	return 0;
}

/* path: where the file is, or will be, without links. */
static int export_to_file(const struct storages *all, const struct export_options *options,
			  const char *path, struct error *err)
{
	auto_free char *temp = xasprintf("%s.tmp.%d", path, (int)getpid());
	auto_close int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail(err, errno, "cannot create '%s'", temp);
	if (export_to(all, options, fd, err) == 0) {
		if (fsync(fd) == 0 && rename(temp, path) == 0)
			return 0;
		fail(err, errno, "cannot write '%s'", options->filename);
	}
	unlink(temp);
	return -1;
}

static int export_to_path(const struct storages *all, const struct export_options *options,
			  struct error *err)
{
	auto_free char *real = NULL;
	struct stat info;

	if (stat(options->filename, &info) == 0 && !S_ISREG(info.st_mode))
		return export_to_special(all, options, err);
	real = realpath(options->filename, NULL);
	return export_to_file(all, options, real ? real : options->filename, err);
}

static int export(struct call *call, struct error *err)
{
	const struct export_options *options = call->options;
	auto_storages struct storages storages = { 0 };

	load_storages(&storages);
	if (strcmp(options->filename, "-") == 0)
		return export_to(&storages, options, STDOUT_FILENO, err);
	return export_to_path(&storages, options, err);
}

const struct command cmd_export = {
	.name = "export",
	.group = 2,
	.help = "Export a volume as a stream.",
	.args = export_args,
	.options = export_options,
	.options_size = sizeof(struct export_options),
	.run = export,
};
