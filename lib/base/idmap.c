#include "base/idmap.h"

#include <stdlib.h>
#include <string.h>

void idmap_default(struct idmap *map)
{
	*map = (struct idmap){ .range = { { 'u', 0, 100000, 65536 },
					  { 'g', 0, 100000, 65536 } },
			       .count = 2 };
}

static bool next_number(struct slice *text, uint32_t *out)
{
	struct slice word;
	uint64_t value;

	if (!slice_word(text, &word) || !slice_number(word, 0, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

int idmap_add(struct idmap *map, struct slice text, struct error *err)
{
	struct slice rest = text, word;
	struct idmap_range range = { 0 };

	if (!slice_word(&rest, &word) || (!slice_is(word, "u") && !slice_is(word, "g")) ||
	    !next_number(&rest, &range.ct) || !next_number(&rest, &range.host) ||
	    !next_number(&rest, &range.count) || slice_word(&rest, &word) ||
	    range.count == 0 ||
	    (uint64_t)range.ct + range.count > (uint64_t)UINT32_MAX + 1 ||
	    (uint64_t)range.host + range.count > (uint64_t)UINT32_MAX + 1)
		return fail(err, 0, "failed to parse idmap: " SLICE_FMT, SLICE_ARG(text));
	if (map->count == IDMAP_MAX)
		return fail(err, 0, "more than %d idmap entries", IDMAP_MAX);
	range.type = slice_trim(text).at[0];
	map->range[map->count++] = range;
	return 0;
}

/* Sorted so that neighbours of one type are the ones that can overlap. */
static int by_container(const void *left, const void *right)
{
	const struct idmap_range *a = left, *b = right;

	if (a->type != b->type)
		return a->type < b->type ? 1 : -1;
	return a->ct < b->ct ? -1 : a->ct > b->ct;
}

static int by_host(const void *left, const void *right)
{
	const struct idmap_range *a = left, *b = right;

	if (a->type != b->type)
		return a->type < b->type ? 1 : -1;
	return a->host < b->host ? -1 : a->host > b->host;
}

static void check_side(const struct idmap *map, bool host, struct notes *problems)
{
	struct idmap sorted = *map;

	qsort(sorted.range, sorted.count, sizeof(sorted.range[0]),
	      host ? by_host : by_container);
	for (size_t i = 1; i < sorted.count; i++) {
		const struct idmap_range *a = &sorted.range[i - 1], *b = &sorted.range[i];
		uint64_t end = (uint64_t)(host ? a->host : a->ct) + a->count;
		uint32_t start = host ? b->host : b->ct;

		if (a->type == b->type && end > start)
			notes_add(
				problems,
				"invalid map entry '%c %u %u %u': %s %cid %u is also mapped "
				"by entry '%c %u %u %u'",
				b->type, b->ct, b->host, b->count,
				host ? "host" : "container", b->type, start, a->type, a->ct,
				a->host, a->count);
	}
}

void idmap_check(const struct idmap *map, struct notes *problems)
{
	check_side(map, false, problems);
	check_side(map, true, problems);
}

static const struct idmap_range *find(const struct idmap *map, char type, uint32_t id)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct idmap_range *range = &map->range[i];

		if (range->type == type && id >= range->ct && id - range->ct < range->count)
			return range;
	}
	return NULL;
}

uint32_t idmap_to_host(const struct idmap *map, char type, uint32_t id)
{
	const struct idmap_range *range = find(map, type, id);

	return range ? range->host + (id - range->ct) : id;
}

uint32_t idmap_root(const struct idmap *map, char type)
{
	return idmap_to_host(map, type, 0);
}

bool idmap_has_root(const struct idmap *map)
{
	return find(map, 'u', 0) && find(map, 'g', 0);
}

bool idmap_has(const struct idmap *map, char type, uint32_t id)
{
	return map->count == 0 || find(map, type, id);
}

void idmap_format(const struct idmap *map, char type, struct strbuf *out)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->range[i].type == type)
			strbuf_addf(out, "%u %u %u\n", map->range[i].ct, map->range[i].host,
				    map->range[i].count);
}
