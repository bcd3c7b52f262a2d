/*
 * Golden cases of the guest setup: tests/golden/guest/CASE holds guest.conf, before
 * (a tree as guest_tree.h has it, behind lines "event: start" and the like) and expected
 * (the notes or the error, then the whole tree afterwards). Each runs twice as root of a
 * privileged and of an unprivileged container; the second run may change nothing.
 * GOLDEN_REWRITE=1 writes expected anew.
 */
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

static void golden_done(struct golden *golden)
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

static bool read_head(struct golden *golden, struct slice line)
{
	struct slice value, key = slice_cut(line, ':', &value);

	value = slice_trim(value);
	if (slice_is(key, "event"))
		golden->job.event = slice_is(value, "create") ? GUEST_CREATE : GUEST_START;
	else if (slice_is(key, "cgroup2"))
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

static bool load(const char *name, struct golden *golden)
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
static void run(struct golden *golden, int rootfd, const struct idmap *map,
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

/* Without the notes: what a first run has settled, a second one does not tell again. */
static struct slice tree_of(const struct strbuf *text)
{
	struct slice rest = strbuf_slice(text), line;

	while (rest.len && !slice_starts(rest, "== "))
		slice_line(&rest, &line);
	return rest;
}

static void compare(const char *name, const char *when, struct slice got, struct slice want)
{
	auto_free char *title_got =
		xasprintf("%s (%s):\n" SLICE_FMT, name, when, SLICE_ARG(got));
	auto_free char *title_want =
		xasprintf("%s (%s):\n" SLICE_FMT, name, when, SLICE_ARG(want));

	EXPECT_TEXT(title_got, title_want);
}

static void rewrite(const char *name, const struct strbuf *text)
{
	auto_free char *path = xasprintf(CASES "/%s/expected", name);
	struct error err;

	if (save_path(path, strbuf_slice(text), 0644, &err) < 0)
		EXPECT_TEXT(err.text, "");
}

static void check_case(const char *name, const struct idmap *map)
{
	__attribute__((cleanup(golden_done))) struct golden golden;
	auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	auto_config struct config *config = NULL;
	auto_close int rootfd = -1;

	if (!load(name, &golden)) {
		EXPECT_TEXT(name, "a case that can be read");
		return;
	}
	rootfd = tree_new(test_dir(), "root");
	config = config_parse(strbuf_slice(&golden.conf), 101, NULL);
	golden.job.config = config;
	tree_make(rootfd, golden.tree);
	tree_own(rootfd, "", idmap_root(map, 'u'));
	run(&golden, rootfd, map, &first);
	run(&golden, rootfd, map, &second);
	if (getenv("GOLDEN_REWRITE")) {
		rewrite(name, &first);
		return;
	}
	compare(name, "first run", strbuf_slice(&first), strbuf_slice(&golden.expected));
	compare(name, "second run", tree_of(&second), tree_of(&golden.expected));
}

static void check_all(const struct idmap *map)
{
	auto_words char **names = NULL;
	auto_close int cases = -1;
	struct error err;

	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	cases = open_dir(CASES, &err);
	EXPECT(cases >= 0);
	if (cases < 0)
		return;
	names = tree_names(cases);
	EXPECT(names[0] != NULL);
	for (char **name = names; *name; name++)
		check_case(*name, map);
}

TEST("each golden guest gets its files in a privileged container, and a second run changes "
     "none")
{
	const struct idmap map = { 0 };

	check_all(&map);
}

TEST("each golden guest gets its files in an unprivileged container, owned by its root")
{
	struct idmap map;

	idmap_default(&map);
	check_all(&map);
}
