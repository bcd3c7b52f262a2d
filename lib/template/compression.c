#include "template/compression.h"

#include <string.h>

#include "base/slice.h"
#include "template/template.h"

static const struct suffix {
	const char *text;
	enum compression compression;
} suffixes[] = {
	{ ".tar", COMPRESSION_NONE },     { ".tar.gz", COMPRESSION_GZIP },
	{ ".tgz", COMPRESSION_GZIP },     { ".tar.bz2", COMPRESSION_BZIP2 },
	{ ".tar.xz", COMPRESSION_XZ },    { ".tar.lzo", COMPRESSION_LZO },
	{ ".tar.zst", COMPRESSION_ZSTD },
};

int compression_of(const char *path, enum compression *out, struct error *err)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (slice_ends(slice(path), suffixes[i].text)) {
			*out = suffixes[i].compression;
			return 0;
		}
	}
	return fail(err, 0, "file does not look like a template archive: %s", path);
}

int template_check_name(const char *path, struct error *err)
{
	enum compression ignored;

	return compression_of(path, &ignored, err);
}
