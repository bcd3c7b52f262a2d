/*
 * Golden cases of the guest setup (guest_cases.h). Each runs twice as root of a privileged
 * and of an unprivileged container; the second run may change nothing.
 * GOLDEN_REWRITE=1 writes expected anew.
 */
#include "guest_cases.h"

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

TEST("each golden guest gets its files in a privileged container, and a second run changes "
     "none")
{
	const struct idmap map = { 0 };

	for_each_case(&map, check_case);
}

TEST("each golden guest gets its files in an unprivileged container, owned by its root")
{
	struct idmap map;

	idmap_default(&map);
	for_each_case(&map, check_case);
}
