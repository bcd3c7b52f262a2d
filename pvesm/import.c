#include <stdio.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"
#include "commands.h"
#include "source.h"
#include "streams.h"

struct import_options {
	char *volume, *format, *filename, *base, *snapshot, *delete;
	int with_snapshots, allow_rename;
};

const char *const stream_formats[] = { "btrfs",     "qcow2+size", "raw+size", "tar+size",
				       "vmdk+size", "zfs",        NULL };

static const struct prop import_args[] = {
	{ .name = "volume",
	  .type = PROP_TEXT,
	  .offset = AT(import_options, volume),
	  .help = "Volume identifier.",
	  .flags = PROP_REQUIRED },
	{ .name = "format",
	  .type = PROP_ENUM,
	  .offset = AT(import_options, format),
	  .help = "Import stream format.",
	  .choices = stream_formats,
	  .flags = PROP_REQUIRED },
	{ .name = "filename",
	  .type = PROP_TEXT,
	  .offset = AT(import_options, filename),
	  .help = "Source file name; - is the standard input, tcp://<IP or CIDR> and "
		  "unix://<path> wait for a connection.",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop import_options[] = {
	{ .name = "allow-rename",
	  .type = PROP_BOOL,
	  .offset = AT(import_options, allow_rename),
	  .help = "Choose a new volume id if the requested one exists already, instead of "
		  "failing.",
	  .fallback = "0" },
	{ .name = "base",
	  .type = PROP_TEXT,
	  .offset = AT(import_options, base),
	  .help = "Base snapshot of an incremental stream; the volume has to have it." },
	{ .name = "delete-snapshot",
	  .type = PROP_TEXT,
	  .offset = AT(import_options, delete),
	  .help = "Snapshot to delete when the import has succeeded." },
	{ .name = "snapshot",
	  .type = PROP_TEXT,
	  .offset = AT(import_options, snapshot),
	  .help = "The snapshot that the stream holds." },
	{ .name = "with-snapshots",
	  .type = PROP_BOOL,
	  .offset = AT(import_options, with_snapshots),
	  .help = "Whether the stream includes intermediate snapshots.",
	  .fallback = "0" },
	{ 0 },
};

static int import(struct call *call, struct error *err)
{
	const struct import_options *options = call->options;
	const struct volume_stream stream = {
		.format = options->format,
		.snapshot = options->snapshot,
		.base = options->base,
		.with_snapshots = options->with_snapshots > 0,
	};
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes warnings = { 0 };
	auto_free char *volid = NULL;
	auto_close int fd = -1;
	int status;

	interrupt_catch();
	load_storages(&storages);
	/* Nobody is waited for when there is no such place. */
	if (volume_import_check(&storages, slice(options->volume), err) < 0 ||
	    (fd = source_open(options->filename, err)) < 0)
		return -1;
	status = volume_import(&storages, slice(options->volume), &stream, fd,
			       options->allow_rename > 0, &warnings, &volid, err);
	warn_notes(&warnings);
	if (status == 0 && options->delete)
		status = volume_snapshot_delete(&storages, slice(volid), options->delete,
						err);
	if (status == 0)
		printf("successfully imported '%s'\n", volid);
	return status;
}

const struct command cmd_import = {
	.name = "import",
	.group = 2,
	.help = "Import a volume from a stream.",
	.args = import_args,
	.options = import_options,
	.options_size = sizeof(struct import_options),
	.run = import,
};
