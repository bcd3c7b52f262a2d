#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/process.h"
#include "commands.h"
#include "storage/layout.h"

#define MEMBER "./etc/vzdump/pct.conf"

struct extract_options {
	char *volume;
};

static const struct prop extract_args[] = {
	{ .name = "volume",
	  .type = PROP_TEXT,
	  .offset = AT(extract_options, volume),
	  .help = "Volume identifier, or the path of an archive.",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

/* The formats of archives of containers, and GNU tar's word for their compression. */
static const struct archive_kind {
	const char *format, *option;
} kinds[] = {
	{ "tar", "--no-auto-compress" },
	{ "tgz", "--gzip" },
	{ "tar.gz", "--gzip" },
	{ "tar.zst", "--zstd" },
	{ "tar.lzo", "--lzop" },
	{ "tar.bz2", "--bzip2" },
	{ NULL, NULL },
};

/* From the name alone, as the archive's guest type. */
static const struct archive_kind *find_kind(const char *path, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *volname =
		xasprintf("%s%s", file_content_prefix(CONTENT_BACKUP), name);
	struct volume volume;
	struct error other;

	if (file_volume_parse(slice(volname), &volume, &other) == 0 &&
	    (slice_starts(slice(name), "vzdump-lxc-") ||
	     slice_starts(slice(name), "vzdump-openvz-")))
		for (const struct archive_kind *kind = kinds; kind->format; kind++)
			if (strcmp(kind->format, volume.format_name) == 0)
				return kind;
	fail(err, 0, "unable to tell the guest type of archive '%s'", name);
	return NULL;
}

/* It is the archive's first member, and tar stops behind it. */
static int read_config(const char *path, const char *option, struct strbuf *text,
		       struct error *err)
{
	const char *const argv[] = { "tar",         "--extract",
				     "--to-stdout", "--force-local",
				     option,        "--occurrence=1",
				     "--file",      path,
				     MEMBER,        NULL };

	if (process_run(&(struct process){ .argv = argv, .output = text }, err) == 0)
		return 0;
	if (strstr(err->text, "Not found in archive") ||
	    strstr(err->text, "due to previous errors"))
		return fail(err, 0, "archive contains no configuration file");
	return -1;
}

static int extractconfig(struct call *call, struct error *err)
{
	const struct extract_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *path = NULL;
	const struct archive_kind *kind;

	load_storages(&storages);
	if (storage_file_argument(&storages, options->volume, CONTENT_BACKUP, &path, err) <
	    0)
		return -1;
	if (access(path, R_OK) < 0)
		return fail(err, errno, "cannot open archive '%s'", path);
	kind = find_kind(path, err);
	if (!kind || read_config(path, kind->option, &text, err) < 0)
		return -1;
	fwrite(text.at, 1, text.len, stdout);
	putchar('\n');
	return 0;
}

const struct command cmd_extractconfig = {
	.name = "extractconfig",
	.group = 2,
	.help = "Print the configuration that a backup archive holds.",
	.args = extract_args,
	.options_size = sizeof(struct extract_options),
	.run = extractconfig,
};
