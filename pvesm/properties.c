#include "properties.h"

#include <assert.h>

#include "storage/properties.h"

struct prop add_options[PROPERTY_OPTIONS_MAX];
struct prop set_options[PROPERTY_OPTIONS_MAX];

static const struct prop set_only[] = {
	{ .name = "delete",
	  .type = PROP_TEXT,
	  .help = "Properties to remove, back to their defaults.",
	  .flags = PROP_LIST },
	{ .name = "digest",
	  .type = PROP_TEXT,
	  .help = "Change nothing unless storage.cfg has this SHA-1 digest.",
	  .max = 40 },
	{ 0 },
};

/* Some type that works here has it, and for set some type may change it. */
static bool is_wanted(const struct storage_prop *row, bool to_change)
{
	static const enum storage_kind kinds[] = { KIND_DIR,    KIND_BTRFS, KIND_NFS,
						   KIND_CIFS,   KIND_LVM,   KIND_ZFSPOOL,
						   KIND_LVMTHIN };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (row->types & kinds[i] &&
		    !(to_change && storage_prop_is_fixed(row, kinds[i])))
			return true;
	return false;
}

static void add(struct prop *options, size_t *count, const struct prop *row)
{
	assert(*count < PROPERTY_OPTIONS_MAX - 1);
	options[*count] = *row;
	options[*count].offset = *count * sizeof(union property_value);
	options[*count].fallback = NULL;
	(*count)++;
}

static void fill(struct prop *options, size_t *count, bool to_change)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++)
		if (is_wanted(row, to_change))
			add(options, count, &row->prop);
}

void property_options_init(void)
{
	size_t added = 0, set = 0;

	fill(add_options, &added, false);
	fill(set_options, &set, true);
	for (const struct prop *row = set_only; row->name; row++)
		add(set_options, &set, row);
}

void property_values_given(const struct keyvals *given, struct keyvals *values)
{
	for (size_t i = 0; i < given->count; i++)
		for (const struct storage_prop *row = storage_props; row->prop.name; row++)
			if (slice_is(slice(given->at[i].key), row->prop.name))
				keyvals_set(values, given->at[i].key, given->at[i].value);
}
