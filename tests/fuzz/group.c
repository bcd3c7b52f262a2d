/* Property strings and single values: the first byte chooses the row. */
#include <stdint.h>
#include <stdlib.h>

#include "config/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct prop *const tables[] = { net_props, mp_props,       rootfs_props,
					     dev_props, features_props, unused_props };

/* The text that a string is printed as is printed as itself. */
static void print_twice(const struct prop *rows, struct slice text)
{
	auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	struct error err;

	if (group_with(text, rows, NULL, NULL, &first, &err) < 0)
		abort();
	if (group_with(strbuf_slice(&first), rows, NULL, NULL, &second, &err) < 0 ||
	    !slice_is(strbuf_slice(&first), second.at))
		abort();
}

static void try_group(const struct prop *rows, struct slice text)
{
	union {
		struct net net;
		struct mountpoint mp;
		struct device device;
		struct features features;
		struct unused_volume unused;
	} view;
	struct error err;

	if (group_parse(text, rows, &view, &err) < 0)
		return;
	view_done(rows, &view);
	print_twice(rows, text);
}

static void try_key(const struct prop *row, struct slice text)
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf normal = STRBUF_INIT, weak = STRBUF_INIT,
				  out = STRBUF_INIT;
	struct error err;

	prop_check_weak(row, text, &weak, &err);
	if (prop_check(row, row->name, text, &problems, &normal) < 0)
		problems_format(&problems, &out);
	else if (prop_check(row, row->name, strbuf_slice(&normal), &problems, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data + 1, size - 1);
	size_t keys = 0;

	if (size == 0)
		return 0;
	while (container_props[keys].name)
		keys++;
	try_group(tables[data[0] % (sizeof(tables) / sizeof(tables[0]))], text);
	try_key(&container_props[data[0] % keys], text);
	return 0;
}
