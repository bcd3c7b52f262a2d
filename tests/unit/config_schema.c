#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "config/schema.h"
#include "test.h"

static const struct prop *const tables[] = { container_props, net_props,    rootfs_props,
					     mp_props,        unused_props, dev_props,
					     features_props };

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void expect_sound_row(const struct prop *row)
{
	bool has_range = row->min != 0 || row->max != 0;
	size_t len = row->help ? strlen(row->help) : 0;

	if (len == 0 || row->help[len - 1] != '.')
		printf("# %s: no sentence as help\n", row->name);
	EXPECT(len > 0 && row->help[len - 1] == '.');
	EXPECT(!has_range || row->min < row->max);
	EXPECT((row->type == PROP_ENUM) == (row->choices != NULL));
	EXPECT((row->type == PROP_GROUP) == (row->members != NULL));
}

TEST("every row has a help sentence, a range that is not empty, and what its type needs")
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct prop *row = tables[i]; row->name; row++)
			expect_sound_row(row);
}

TEST("every default passes its own check")
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct prop *row = tables[i]; row->name; row++) {
			auto_problems struct problems problems = { 0 };

			if (row->fallback)
				EXPECT(prop_check(row, row->name, slice(row->fallback),
						  &problems, NULL) == 0);
		}
}

/* Each of these says when a change of a key takes effect. */
static unsigned count_effects(const struct prop *row)
{
	return ((row->flags & (PROP_LIVE | PROP_LIVE_NEW | PROP_NOW)) != 0) +
	       ((row->flags & PROP_PENDING) != 0) + ((row->flags & PROP_CREATE_ONLY) != 0) +
	       ((row->flags & PROP_INTERNAL) != 0);
}

TEST("every container key says whether a change is live, pending or refused")
{
	for (const struct prop *row = container_props; row->name; row++) {
		if (count_effects(row) != 1)
			printf("# %s\n", row->name);
		EXPECT_INT(count_effects(row), 1);
	}
}

TEST("no name is there twice")
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct prop *row = tables[i]; row->name; row++)
			for (const struct prop *other = row + 1; other->name; other++)
				EXPECT(strcmp(row->name, other->name) != 0);
}

TEST("each table has one default key at most")
{
	for (size_t i = 0; i < TABLES; i++) {
		unsigned found = 0;

		for (const struct prop *row = tables[i]; row->name; row++)
			found += (row->flags & PROP_DEFAULT_KEY) != 0;
		EXPECT(found <= 1);
	}
}

static bool is_key(const char *name)
{
	return prop_find(container_props, slice(name)) != NULL;
}

TEST("numbered keys are found up to their last number, and only when well written")
{
	EXPECT(is_key("net0") && is_key("net31") && !is_key("net32"));
	EXPECT(is_key("mp255") && !is_key("mp256") && !is_key("mp"));
	EXPECT(is_key("dev255") && is_key("unused255") && !is_key("unused256"));
	EXPECT(!is_key("net01") && !is_key("net00") && !is_key("net") && !is_key("net-1"));
	EXPECT(!is_key("net18446744073709551616"));
	EXPECT(is_key("memory") && !is_key("memory0") && !is_key("Memory"));
	EXPECT(!is_key("") && !is_key("mem"));
}
