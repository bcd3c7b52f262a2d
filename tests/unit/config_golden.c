#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/own.h"
#include "config/config.h"
#include "samples.h"
#include "test.h"

/*
 * <name>.conf is canonical: reading and writing it changes nothing and warns about
 * nothing. <name>.in is rewritten as <name>.out, with <name>.warnings.
 */
#define GOLDEN "tests/golden/config"

static char *golden_text(const char *name, const char *suffix)
{
	auto_free char *path = xasprintf(GOLDEN "/%s%s", name, suffix);
	struct strbuf text = STRBUF_INIT;
	struct error err;

	EXPECT(read_file(AT_FDCWD, path, 1 << 20, &text, &err) == 0);
	return strbuf_take(&text);
}

static char *rewritten(const char *text, struct strbuf *warnings)
{
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = config_parse(slice(text), 100, &notes);
	struct strbuf out = STRBUF_INIT;
	struct error err;

	for (size_t i = 0; i < notes.count; i++)
		strbuf_addf(warnings, "%s\n", notes.text[i]);
	EXPECT(config_format(config, &out, &err) == 0);
	return strbuf_take(&out);
}

static void expect_canonical(const char *text)
{
	auto_strbuf struct strbuf warnings = STRBUF_INIT;
	auto_free char *again = rewritten(text, &warnings);

	EXPECT_TEXT(again, text);
	EXPECT_TEXT(warnings.at, "");
}

static void check_canonical(const char *name)
{
	auto_free char *text = golden_text(name, ".conf");

	expect_canonical(text);
}

static void check_sample(struct slice sample)
{
	auto_free char *text = slice_dup(sample);

	expect_canonical(text);
}

static void save_golden(const char *name, const char *suffix, const char *text)
{
	auto_free char *path = xasprintf(GOLDEN "/%s%s", name, suffix);
	struct error err;

	EXPECT(save_path(path, slice(text), 0644, &err) == 0);
}

static void rewrite_pair(const char *name)
{
	auto_free char *text = golden_text(name, ".in"), *got = NULL;
	auto_strbuf struct strbuf warnings = STRBUF_INIT;

	got = rewritten(text, &warnings);
	save_golden(name, ".out", got);
	save_golden(name, ".warnings", warnings.at);
}

static void check_pair(const char *name)
{
	auto_free char *text = golden_text(name, ".in"), *want = golden_text(name, ".out");
	auto_free char *want_warnings = golden_text(name, ".warnings"), *got = NULL;
	auto_strbuf struct strbuf warnings = STRBUF_INIT;
	auto_free char *again = NULL;

	got = rewritten(text, &warnings);
	EXPECT_TEXT(got, want);
	EXPECT_TEXT(warnings.at, want_warnings);
	again = rewritten(got, &warnings);
	EXPECT_TEXT(again, want);
}

/* Run check for every file with that suffix; there must be some. */
static void for_each(const char *suffix, void (*check)(const char *name))
{
	auto_dir DIR *dir = opendir(GOLDEN);
	unsigned found = 0;

	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		struct slice name = slice(entry->d_name);
		auto_free char *base = NULL;

		if (!slice_ends(name, suffix))
			continue;
		base = slice_dup(slice_of(name.at, name.len - slice(suffix).len));
		check(base);
		found++;
	}
	EXPECT(found >= 3);
}

TEST("reading and writing a canonical file is the identity, without a warning")
{
	for_each(".conf", check_canonical);
}

TEST("other files are rewritten as expected, with the expected warnings, and only once")
{
	if (getenv("GOLDEN_REWRITE"))
		for_each(".in", rewrite_pair);
	for_each(".in", check_pair);
}

TEST("the containers of the manual are canonical files, without a warning")
{
	EXPECT(each_sample(false, check_sample) >= 2);
}
