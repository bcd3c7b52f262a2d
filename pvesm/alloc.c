#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "commands.h"
#include "config/format.h"
#include "config/store.h"

struct alloc_options {
	char *storage, *filename, *size, *format;
	long long vmid;
};

static const struct prop alloc_args[] = {
	STORAGE_ARG(alloc_options),
	{ .name = "vmid",
	  .type = PROP_INT,
	  .offset = AT(alloc_options, vmid),
	  .help = "The owner.",
	  .min = VMID_MIN,
	  .max = VMID_MAX,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_GUEST },
	{ .name = "filename",
	  .type = PROP_TEXT,
	  .offset = AT(alloc_options, filename),
	  .help = "The name of the file to create; empty: a free one is chosen.",
	  .flags = PROP_REQUIRED },
	{ .name = "size",
	  .type = PROP_TEXT,
	  .offset = AT(alloc_options, size),
	  .help = "Size in kilobyte (1024 bytes). Optional suffixes 'M' (megabyte, 1024K) "
		  "and 'G' (gigabyte, 1024M).",
	  .type_text = "\\d+[MG]?",
	  .pattern = "^[0-9]+[MG]?$",
	  .flags = PROP_REQUIRED },
	{ 0 },
};

static const char *const formats[] = { "qcow2", "raw", "subvol", "vmdk", NULL };

static const struct prop alloc_options[] = {
	{ .name = "format",
	  .type = PROP_ENUM,
	  .offset = AT(alloc_options, format),
	  .help = "Format of the image.",
	  .choices = formats },
	{ 0 },
};

static int read_size(const char *text, uint64_t *size_kib, struct error *err)
{
	struct slice number = slice(text);
	uint64_t unit = slice_ends(number, "M")   ? 1024
			: slice_ends(number, "G") ? 1024 * 1024
						  : 1;
	uint64_t value;

	if (unit > 1)
		number.len--;
	if (!slice_number(number, 0, INT64_MAX / 1024 / unit, &value))
		return fail_parameter(err, "size", "'%s' is too large", text);
	*size_kib = value * unit;
	return 0;
}

/* The format that the options ask for; a name that ends otherwise is refused. */
static int choose_format(const struct alloc_options *options, const char **out,
			 struct error *err)
{
	const char *dot = strrchr(options->filename, '.');
	const char *wanted = options->format;

	for (const char *const *format = formats; dot && *format; format++) {
		if (strcmp(dot + 1, *format) != 0 || strcmp(*format, "subvol") == 0)
			continue;
		if (wanted && strcmp(wanted, *format) != 0)
			return fail_parameter(err, "format",
					      "'%s' does not fit the name '%s'", wanted,
					      options->filename);
		wanted = *format;
	}
	*out = wanted ? wanted : "raw";
	return 0;
}

static int alloc(struct call *call, struct error *err)
{
	const struct alloc_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	const struct storage *st = NULL;
	struct volume_request request = { .vmid = (unsigned)options->vmid };
	auto_free char *volid = NULL;
	const char *format = "raw";

	if (read_size(options->size, &request.size_kib, err) < 0 ||
	    choose_format(options, &format, err) < 0)
		return -1;
	load_storages(&storages);
	if (storage_use(&storages, slice(options->storage),
			CONTENT_IMAGES | CONTENT_ROOTDIR, &st, err) < 0)
		return -1;
	if (strcmp(format, "raw") != 0 && strcmp(format, "subvol") != 0)
		return fail(err, 0, "unsupported format '%s'", format);
	request.format = strcmp(format, "subvol") == 0 ? FORMAT_SUBVOL : FORMAT_RAW;
	request.name = options->filename[0] ? options->filename : NULL;
	if (volume_alloc(st, &request, NULL, &volid, err) < 0)
		return -1;
	printf("successfully created '%s'\n", volid);
	return 0;
}

const struct command cmd_alloc = {
	.name = "alloc",
	.group = 2,
	.help = "Allocate disk images.",
	.args = alloc_args,
	.options = alloc_options,
	.options_size = sizeof(struct alloc_options),
	.run = alloc,
};
