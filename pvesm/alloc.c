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
	{ .name = "storage",
	  .type = PROP_TEXT,
	  .offset = AT(alloc_options, storage),
	  .help = "The storage identifier.",
	  .type_text = "<storage ID>",
	  .format = &format_storage_id,
	  .flags = PROP_REQUIRED,
	  .offers = OFFER_STORAGE },
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

/* A name that the user chose: one file of this owner, ending as its format does. */
static int check_name(const struct storage *st, const struct alloc_options *options,
		      const char *volname, const char *format, struct error *err)
{
	struct volume volume;

	if (st->type->parse(st, slice(volname), &volume, err) < 0)
		return -1;
	if (volume.content != CONTENT_IMAGES || volume.vmid != options->vmid ||
	    volume.base.len || strcmp(volume.format_name, format) != 0)
		return fail(err, 0, "illegal name '%s' - it should end with '.%s'",
			    options->filename, format);
	return 0;
}

static int alloc_locked(const struct storage *st, const struct alloc_options *options,
			uint64_t size_kib, const char *format, char **volname,
			struct error *err)
{
	enum volume_format kind =
		strcmp(format, "subvol") == 0 ? FORMAT_SUBVOL : FORMAT_RAW;
	auto_lock struct lock lock = { 0 };

	if (storage_lock(st, &lock, err) < 0)
		return -1;
	if (options->filename[0])
		*volname = xasprintf("%lld/%s", options->vmid, options->filename);
	else
		*volname = st->type->new_name(st, (unsigned)options->vmid, kind, err);
	if (!*volname ||
	    (options->filename[0] && check_name(st, options, *volname, format, err) < 0))
		return -1;
	return st->type->create(st, *volname, size_kib, err);
}

static int alloc(struct call *call, struct error *err)
{
	const struct alloc_options *options = call->options;
	auto_storages struct storages storages = { 0 };
	const struct storage *st = NULL;
	auto_free char *volname = NULL;
	const char *format = "raw";
	uint64_t size_kib = 0;

	if (read_size(options->size, &size_kib, err) < 0 ||
	    choose_format(options, &format, err) < 0)
		return -1;
	load_storages(&storages);
	if (storage_use(&storages, slice(options->storage), 0, &st, err) < 0)
		return -1;
	if (strcmp(format, "raw") != 0 && strcmp(format, "subvol") != 0)
		return fail(err, 0, "unsupported format '%s'", format);
	if (alloc_locked(st, options, size_kib, format, &volname, err) < 0)
		return -1;
	printf("successfully created '%s:%s'\n", st->id, volname);
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
