#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "commands.h"
#include "config/format.h"
#include "config/volid.h"

struct free_options {
	char *volume, *storage;
	long long delay;
};

static const struct prop free_args[] = {
	{ .name = "volume",
	  .type = PROP_TEXT,
	  .offset = AT(free_options, volume),
	  .help = "Volume identifier.",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const struct prop free_options[] = {
	{ .name = "delay",
	  .type = PROP_INT,
	  .offset = AT(free_options, delay),
	  .help = "Time in seconds to wait for the end of the removal. It is always waited "
		  "for here; only the zeroing of saferemove goes on in the background.",
	  .min = 1,
	  .max = 30 },
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(free_options, storage),
	  .help = "The storage identifier; the volume may then stand without it.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .offers = OFFER_STORAGE },
	{ 0 },
};

/* The volume id of the two options; the caller frees it. */
static int full_volid(const struct free_options *options, char **out, struct error *err)
{
	struct slice id, volname;

	if (!options->storage) {
		*out = xstrdup(options->volume);
	} else if (!strchr(options->volume, ':')) {
		*out = xasprintf("%s:%s", options->storage, options->volume);
	} else {
		if (volid_parse(slice(options->volume), &id, &volname, err) < 0)
			return -1;
		if (!slice_is(id, options->storage))
			return fail(err, 0, "volume '%s' is not on storage '%s'",
				    options->volume, options->storage);
		*out = xstrdup(options->volume);
	}
	return 0;
}

static int free_volume(struct call *call, struct error *err)
{
	const struct free_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes warnings = { 0 };
	auto_free char *volid = NULL;
	int status;

	if (full_volid(options, &volid, err) < 0)
		return -1;
	load_storages(&storages);
	status = volume_free(&storages, slice(volid), &warnings, err);
	warn_notes(&warnings);
	if (status == 0)
		printf("Removed volume '%s'\n", volid);
	return status;
}

const struct command cmd_free = {
	.name = "free",
	.group = 2,
	.help = "Delete volume.",
	.args = free_args,
	.options = free_options,
	.options_size = sizeof(struct free_options),
	.run = free_volume,
};
