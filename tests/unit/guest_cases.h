/*
 * The golden guests, for the tests of lib/guest: tests/golden/guest/CASE holds guest.conf,
 * before (a tree as guest_tree.h has it, behind lines "event: start" and the like) and
 * expected (the notes or the error, then the whole tree afterwards).
 */
#pragma once

#include <stdlib.h>

#include "guest/guest.h"
#include "guest_tree.h"
#include "test.h"

#define CASES "tests/golden/guest"

struct golden {
	struct strbuf conf, before, expected;
	struct guest_job job;
	struct guest_facts facts;
	struct slice tree; /* in before, behind the head lines */
	char *hash, *keys;
};

static TREE_UNUSED void golden_done(struct golden *golden)
{
	strbuf_done(&golden->conf);
	strbuf_done(&golden->before);
	strbuf_done(&golden->expected);
	free(golden->hash);
	free(golden->keys);
}

static bool read_part(const char *name, const char *part, struct strbuf *out)
{
	auto_free char *path = xasprintf(CASES "/%s/%s", name, part);
	struct error err;

	return read_file(AT_FDCWD, path, 1 << 20, out, &err) == 0;
}

static const char *const event_names[] = {
	[GUEST_CREATE] = "create", [GUEST_RESTORE] = "restore", [GUEST_CLONE] = "clone",
	[GUEST_START] = "start",   [GUEST_NETWORK] = "network",
};

#define EVENTS (sizeof(event_names) / sizeof(event_names[0]))

static bool read_event(struct slice value, enum guest_event *event)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (slice_is(value, event_names[i])) {
			*event = (enum guest_event)i;
			return true;
		}
	return false;
}

static bool read_head(struct golden *golden, struct slice line)
{
	struct slice value, key = slice_cut(line, ':', &value);

	value = slice_trim(value);
	if (slice_is(key, "event"))
		return read_event(value, &golden->job.event);
	if (slice_is(key, "cgroup2"))
		golden->facts.cgroup_v2 = 1;
	else if (slice_is(key, "no-dns"))
		golden->facts.search = golden->facts.nameservers = NULL;
	else if (slice_is(key, "no-zone"))
		golden->facts.zone_name = golden->facts.localtime = NULL;
	else if (slice_is(key, "hash"))
		golden->hash = slice_dup(value);
	else if (slice_is(key, "key"))
		golden->keys = slice_dup(value);
	else
		return false;
	return true;
}

static TREE_UNUSED bool load(const char *name, struct golden *golden)
{
	static char search[] = "lan.example", servers[] = "192.0.2.53",
		    zone[] = "Europe/Vienna",
		    zone_path[] = "/usr/share/zoneinfo/Europe/Vienna";
	struct slice line, rest;

	*golden = (struct golden){
		.conf = STRBUF_INIT,
		.before = STRBUF_INIT,
		.expected = STRBUF_INIT,
		.facts = { .search = search,
			   .nameservers = servers,
			   .zone_name = zone,
			   .localtime = zone_path,
			   .days = 20000,
			   .seed = 7 },
	};
	if (!read_part(name, "guest.conf", &golden->conf) ||
	    !read_part(name, "before", &golden->before))
		return false;
	read_part(name, "expected", &golden->expected);
	rest = strbuf_slice(&golden->before);
	golden->tree = rest;
	while (slice_line(&rest, &line) && !slice_starts(line, "==")) {
		if (!read_head(golden, line))
			return false;
		golden->tree = rest;
	}
	golden->job.facts = &golden->facts;
	golden->job.password_hash = golden->hash ? golden->hash : "*";
	golden->job.ssh_keys = golden->keys;
	return true;
}

/* One run: what it tells and what it leaves, as expected has it. */
static TREE_UNUSED void run(struct golden *golden, int rootfd, const struct idmap *map,
			    struct strbuf *out)
{
	auto_notes struct notes notes = { 0 };
	struct error err;

	golden->job.rootfd = rootfd;
	golden->job.map = map;
	if (guest_setup(&golden->job, &notes, &err) < 0)
		strbuf_addf(out, "error: %s\n", err.text);
	for (size_t i = 0; i < notes.count; i++)
		strbuf_addf(out, "note: %s\n", notes.text[i]);
	tree_read(rootfd, idmap_root(map, 'u'), out);
}

/* In a user namespace of one id nothing can belong to another. */
static bool has_ids(const struct idmap *map)
{
	auto_close int fd = tree_new(test_dir(), "ids");

	return map->count == 0 ||
	       fchown(fd, idmap_root(map, 'u'), idmap_root(map, 'g')) == 0;
}

/* Every case, on roots of this map. */
static TREE_UNUSED void for_each_case(const struct idmap *map,
				      void (*check)(const char *name,
						    const struct idmap *map))
{
	auto_words char **names = NULL;
	auto_close int cases = -1;
	struct error err;

	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	if (!has_ids(map)) {
		test_skip("needs a user namespace with more than one id");
		return;
	}
	cases = open_dir(CASES, &err);
	EXPECT(cases >= 0);
	if (cases < 0)
		return;
	names = tree_names(cases);
	EXPECT(names[0] != NULL);
	for (char **name = names; *name; name++)
		check(*name, map);
}
