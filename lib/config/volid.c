#include "config/volid.h"

#include "base/ascii.h"
#include "config/decimal.h"

bool storage_id_is_valid(struct slice id)
{
	if (id.len < 2 || !is_letter(id.at[0]) || !is_alnum(id.at[id.len - 1]))
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!is_alnum(id.at[i]) && id.at[i] != '-' && id.at[i] != '_' &&
		    id.at[i] != '.')
			return false;
	return true;
}

int volid_parse(struct slice text, struct slice *storage, struct slice *volname,
		struct error *err)
{
	struct slice rest, next_line;
	struct slice id = slice_cut(text, ':', &rest);

	slice_cut(rest, '\n', &next_line);
	if (rest.len == 0 || !storage_id_is_valid(id) || next_line.at)
		return fail(err, 0, "unable to parse volume ID '" SLICE_FMT "'",
			    SLICE_ARG(text));
	*storage = id;
	*volname = rest;
	return 0;
}

enum volume_kind volume_kind(struct slice volume)
{
	if (slice_starts(volume, "/dev/"))
		return VOLUME_DEVICE;
	return slice_starts(volume, "/") ? VOLUME_BIND : VOLUME_STORAGE;
}

bool volume_is_new(struct slice text, const char *fallback_storage, struct slice *storage,
		   uint64_t *size_kib)
{
	struct slice number;
	struct slice id = slice_cut(text, ':', &number);
	uint64_t size_mib;

	if (!number.at) {
		number = text;
		id = slice(fallback_storage);
	}
	if (!storage_id_is_valid(id) || !decimal_scale(number, 10, &size_mib) ||
	    size_mib > UINT64_MAX / 1024)
		return false;
	*storage = id;
	*size_kib = size_mib * 1024;
	return true;
}
