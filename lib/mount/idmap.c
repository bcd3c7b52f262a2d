#include "mount/idmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"

/* What the list names, as entries .ct (in the container) -> .host (on disk). */
static int read_list(const char *list, struct idmap *out, struct error *err)
{
	struct slice rest = slice(list), entry;

	while (rest.at) {
		auto_free char *words = NULL;

		entry = slice_trim(slice_cut(rest, ';', &rest));
		words = slice_dup(entry);
		for (char *at = words; *at; at++)
			*at = *at == ':' ? ' ' : *at;
		if (idmap_add(out, slice(words), err) < 0)
			return fail(err, 0, "idmap: invalid entry '" SLICE_FMT "'",
				    SLICE_ARG(entry));
	}
	return 0;
}

static int by_container(const void *left, const void *right)
{
	const struct idmap_range *a = left, *b = right;

	return a->ct < b->ct ? -1 : a->ct > b->ct;
}

static int add_range(struct idmap *out, char type, uint32_t disk, uint32_t host,
		     uint32_t count, struct error *err)
{
	if (count == 0)
		return 0;
	if (out->count == IDMAP_MAX)
		return fail(err, 0, "idmap: more than %d ranges", IDMAP_MAX);
	out->range[out->count++] = (struct idmap_range){ type, disk, host, count };
	return 0;
}

/*
 * One range of the container's map: what the list names of it, and what is between. Both
 * ends are clamped to the range.
 */
static int split_range(const struct idmap_range *range, const struct idmap *list,
		       struct idmap *out, struct error *err)
{
	uint64_t at = range->ct, end = at + range->count;

	for (size_t i = 0; i < list->count; i++) {
		const struct idmap_range *named = &list->range[i];
		uint64_t from = named->ct, to = from + named->count;
		uint32_t host;

		from = from > range->ct ? from : range->ct;
		to = to < end ? to : end;
		if (named->type != range->type || from >= to)
			continue;
		host = range->host + (uint32_t)(at - range->ct);
		if (add_range(out, range->type, host, host, (uint32_t)(from - at), err) <
			    0 ||
		    add_range(out, range->type, named->host + (uint32_t)(from - named->ct),
			      range->host + (uint32_t)(from - range->ct),
			      (uint32_t)(to - from), err) < 0)
			return -1;
		at = to;
	}
	return add_range(out, range->type, range->host + (uint32_t)(at - range->ct),
			 range->host + (uint32_t)(at - range->ct), (uint32_t)(end - at),
			 err);
}

static int check(const struct idmap *map, struct error *err)
{
	auto_notes struct notes problems = { 0 };

	idmap_check(map, &problems);
	return problems.count ? fail(err, 0, "idmap: %s", problems.text[0]) : 0;
}

int mount_idmap(const char *list, const struct idmap *container, struct idmap *out,
		struct error *err)
{
	struct idmap named = { 0 }, made = { 0 };
	struct error twice;

	if (strcmp(list, "passthrough") == 0) {
		*out = *container;
		return 0;
	}
	if (read_list(list, &named, err) < 0 || check(&named, err) < 0)
		return -1;
	qsort(named.range, named.count, sizeof(named.range[0]), by_container);
	for (size_t i = 0; i < container->count; i++)
		if (split_range(&container->range[i], &named, &made, err) < 0)
			return -1;
	/* An id on disk that the list names may be one that stays as it is. */
	if (check(&made, &twice) < 0)
		return fail(err, 0, "idmap: '%s' gives two ids the same id on disk", list);
	*out = made;
	return 0;
}

static uint32_t on_disk(const struct idmap *map, char type, uint32_t host)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct idmap_range *range = &map->range[i];

		if (range->type == type && host >= range->host &&
		    host - range->host < range->count)
			return range->ct + (host - range->host);
	}
	return host;
}

int mount_idmap_root(const char *list, const struct idmap *container, uint32_t *uid,
		     uint32_t *gid, struct error *err)
{
	struct idmap map = { 0 };

	/* A privileged container ignores the list. */
	if (list && container->count && mount_idmap(list, container, &map, err) < 0)
		return -1;
	*uid = on_disk(&map, 'u', idmap_root(container, 'u'));
	*gid = on_disk(&map, 'g', idmap_root(container, 'g'));
	return 0;
}
