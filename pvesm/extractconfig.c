#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "commands.h"
#include "storage/layout.h"
#include "template/template.h"

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

/* As the archive's guest type, from the name alone. */
static int check_name(const char *path, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *volname =
		xasprintf("%s%s", file_content_prefix(CONTENT_BACKUP), name);
	struct volume volume;
	struct error other;

	if (file_volume_parse(slice(volname), &volume, &other) == 0 &&
	    (slice_starts(slice(name), "vzdump-lxc-") ||
	     slice_starts(slice(name), "vzdump-openvz-")) &&
	    template_check_name(path, &other) == 0)
		return 0;
	return fail(err, 0, "unable to tell the guest type of archive '%s'", name);
}

static int extractconfig(struct call *call, struct error *err)
{
	const struct extract_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *path = NULL;
	bool is_openvz;

	load_storages(&storages);
	if (storage_file_argument(&storages, options->volume, CONTENT_BACKUP, &path, err) <
	    0)
		return -1;
	if (access(path, R_OK) < 0)
		return fail(err, errno, "cannot open archive '%s'", path);
	if (check_name(path, err) < 0 ||
	    template_backup_config(path, &is_openvz, &text, err) < 0)
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
