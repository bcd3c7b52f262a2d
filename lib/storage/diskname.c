#include "storage/diskname.h"

#include <string.h>

#include "base/ascii.h"
#include "config/store.h"

#define NAME_LEN_MAX 127

static const char *const prefixes[] = { "vm", "base", "subvol", "basevol", NULL };

/* What follows "<prefix>-<id>-"; at = NULL: the name is of another kind. */
static struct slice split(struct slice name, const char **prefix, unsigned *vmid)
{
	struct slice rest, id, end;
	uint64_t number;

	for (size_t i = 0; prefixes[i]; i++) {
		if (!slice_starts(name, prefixes[i]))
			continue;
		rest = slice_from(name, strlen(prefixes[i]));
		if (!slice_starts(rest, "-"))
			continue;
		id = slice_cut(slice_from(rest, 1), '-', &end);
		if (!slice_number(id, 1, VMID_MAX, &number) || id.at[0] == '0' || !end.at)
			break;
		*prefix = prefixes[i];
		*vmid = (unsigned)number;
		return end;
	}
	return slice_of(NULL, 0);
}

bool disk_name_parse(struct slice name, const char *marks, const char **prefix,
		     unsigned *vmid)
{
	struct slice end = split(name, prefix, vmid);

	for (size_t i = 0; i < end.len; i++)
		if (!is_alnum(end.at[i]) && (!end.at[i] || !strchr(marks, end.at[i])))
			return false;
	return end.len > 0 && name.len <= NAME_LEN_MAX;
}

void disk_take(struct taken_disks *taken, struct slice name, unsigned vmid)
{
	const char *prefix;
	unsigned owner = 0;
	struct slice end = split(name, &prefix, &owner), digits;
	uint64_t number;

	if (!end.at || owner != vmid || !slice_starts(end, "disk-"))
		return;
	digits = slice_from(end, strlen("disk-"));
	digits.len = slice_digits(digits);
	if (slice_number(digits, 0, DISKS_MAX - 1, &number))
		taken->at[number] = true;
}

int disk_free_number(const struct storage *st, unsigned vmid,
		     const struct taken_disks *taken, unsigned *number, struct error *err)
{
	for (unsigned i = 0; i < DISKS_MAX; i++)
		if (!taken->at[i]) {
			*number = i;
			return 0;
		}
	return fail(err, 0, "unable to allocate an image name for ID %u in storage '%s'",
		    vmid, st->id);
}
