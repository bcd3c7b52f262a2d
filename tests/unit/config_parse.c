#include <string.h>
#include <time.h>

#include "base/own.h"
#include "config/config.h"
#include "test.h"

static void expect_warnings(struct slice text, const char *want)
{
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = config_parse(text, 100, &notes);
	auto_strbuf struct strbuf all = STRBUF_INIT;

	EXPECT(config != NULL);
	for (size_t i = 0; i < notes.count; i++)
		strbuf_addf(&all, "%s\n", notes.text[i]);
	EXPECT_TEXT(all.at, want);
}

TEST("each warning tells the line of the file that it is about")
{
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config =
		config_parse(slice("#x\n\narch: amd64\nLost: 1\nfoo: 2\r\n[snap]\n"
				   "lxc.rootfs.path: /\ndelete: a\nmemory: many\n"),
			     100, &notes);
	static const char *const places[] = { "100.conf:4", "100.conf:5", "100.conf:7",
					      "100.conf:8", "100.conf:9" };

	EXPECT(config != NULL);
	EXPECT_INT(notes.count, 5);
	for (size_t i = 0; i < notes.count; i++)
		EXPECT_TEXT(notes.place[i], places[i]);
}

TEST("keys of the main section are found by name, whatever follows in other sections")
{
	auto_config struct config *config = config_parse(
		slice("memory: 64\nhostname: a\n[s1]\nmemory: 7\nswap: 9\n"), 100, NULL);

	EXPECT_TEXT(config_get(config, "memory"), "64");
	EXPECT(config_get(config, "swap") == NULL);
	EXPECT_INT(config->snapshot_count, 1);
	EXPECT_TEXT(keyvals_get(&config->snapshots[0].keys, "swap"), "9");
}

TEST("a listing reads the main section alone, up to the first true header")
{
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = config_parse_main(
		slice("memory: 64\n[x]\nswap: 9\n[s1]\nBad: 1\nmemory: 7\n"), 100, &notes);

	EXPECT_TEXT(config_get(config, "memory"), "64");
	EXPECT_TEXT(config_get(config, "swap"), "9");
	EXPECT_INT(config->snapshot_count, 0);
	EXPECT_INT(notes.count, 1);
}

TEST("an empty file is an empty container")
{
	auto_config struct config *config = config_parse(slice(""), 100, NULL);

	EXPECT_INT(config->main.keys.count, 0);
	EXPECT(config->main.description == NULL);
}

TEST("a last line without line end counts")
{
	auto_config struct config *config = config_parse(slice("memory: 64"), 100, NULL);

	EXPECT_TEXT(config_get(config, "memory"), "64");
}

TEST("a value of blanks alone is one blank")
{
	auto_config struct config *config =
		config_parse(slice("tags:   \nhostname: \n"), 100, NULL);

	EXPECT_TEXT(config_get(config, "tags"), " ");
	EXPECT_TEXT(config_get(config, "hostname"), " ");
}

TEST("a value of carriage returns alone is one blank, and stays one")
{
	auto_config struct config *config = config_parse(slice("tags: \r\r\n"), 100, NULL);
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(config_format(config, &out, &err) == 0);
	EXPECT_TEXT(out.at, "tags:  \n");
}

TEST("comments are decoded into the section's description")
{
	auto_config struct config *config =
		config_parse(slice("#a%3Ab\n# c%zz%\n[s1]\n#%E2%82%AC\n"), 100, NULL);

	EXPECT_TEXT(config->main.description, "a:b\n c%zz%\n");
	EXPECT_TEXT(config->snapshots[0].description, "\xe2\x82\xac\n");
}

TEST("snapstate is known in snapshots and forgotten in the main section")
{
	auto_config struct config *config = config_parse(
		slice("snapstate: delete\n[s1]\nsnapstate: prepare\n[s2]\nsnapstate: x\n"),
		100, NULL);

	EXPECT(config->main.snapstate == NULL);
	EXPECT_TEXT(config->snapshots[0].snapstate, "prepare");
	EXPECT(config->snapshots[1].snapstate == NULL);
	EXPECT_TEXT(keyvals_get(&config->snapshots[1].keys, "snapstate"), "x");
}

TEST("a line with a NUL byte is lost with a warning that shows no control characters")
{
	static const char text[] = "hostname: a\0b\nmemory: 64\n\x1b[2Jx\n";

	expect_warnings(slice_of(text, sizeof(text) - 1),
			"vm 100 - unable to parse config: hostname: a?b\n"
			"vm 100 - unable to parse config: ?[2Jx\n");
}

TEST("a pending section of which nothing is written is no section")
{
	auto_config struct config *config =
		config_parse(slice("[pve:pending]\n#\n#\ndigest: x\n"), 100, NULL);
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(config_format(config, &out, &err) == 0);
	EXPECT_TEXT(out.at, "");
}

TEST("a comment with a NUL byte or its escape keeps all its text")
{
	static const char text[] = "#a\0b%00c\n";
	auto_config struct config *config =
		config_parse(slice_of(text, sizeof(text) - 1), 100, NULL);

	EXPECT_TEXT(config->main.description, "a%00b%00c\n");
}

TEST("invalid UTF-8 is kept byte for byte")
{
	auto_config struct config *config =
		config_parse(slice("#\xff\xfe\nmykey: \xc3(\xff\n"), 100, NULL);
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(config_format(config, &out, &err) == 0);
	EXPECT_TEXT(out.at, "#%FF%FE\nmykey: \xc3(\xff\n");
}

TEST("a line of a mebibyte is kept, or shown shortened when it is lost")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = NULL;

	strbuf_adds(&text, "mykey: ");
	memset(strbuf_grow(&text, 1 << 20), 'x', 1 << 20);
	text.len += 1 << 20;
	strbuf_adds(&text, "\nX");
	memset(strbuf_grow(&text, 1 << 20), 'y', 1 << 20);
	text.len += 1 << 20;
	config = config_parse(strbuf_slice(&text), 100, &notes);
	EXPECT_INT(strlen(config_get(config, "mykey")), 1 << 20);
	EXPECT_INT(notes.count, 2);
	EXPECT(notes.count == 2 && strlen(notes.text[1]) < 4096);
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

TEST("10 MiB of comments are read in linear time")
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_config struct config *config = NULL;
	double start;

	while (text.len < 10 << 20)
		strbuf_adds(&text, "# a line of the notes about this container\n");
	start = cpu_seconds();
	config = config_parse(strbuf_slice(&text), 100, NULL);
	EXPECT(cpu_seconds() - start < 5);
	EXPECT_INT(strlen(config->main.description), text.len - text.len / 43);
}

TEST("256 mount points are known, the 44 behind them and nested quotes are kept")
{
	auto_strbuf struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = NULL;
	struct error err;
	char *quoted;

	for (unsigned i = 0; i < 300; i++)
		strbuf_addf(&text, "mp%u: /srv,mp=/x%u\n", i, i);
	strbuf_adds(&text, "tags: \"a 'b \\\"c\\\"' \\\n");
	config = config_parse(strbuf_slice(&text), 100, &notes);
	EXPECT_INT(notes.count, 44 + 1);
	EXPECT_TEXT(notes.text[0],
		    "vm 100 - unable to parse value of 'mp256' - unknown setting 'mp256'");
	EXPECT(config_format(config, &out, &err) == 0);
	EXPECT_INT(out.len, text.len);
	EXPECT(strstr(out.at, "\nmp299: /srv,mp=/x299\n"));
	quoted = strstr(out.at, "\ntags: ");
	EXPECT_TEXT(quoted ? quoted + 1 : "", "tags: \"a 'b \\\"c\\\"' \\\n");
}

TEST("10,000 keys, backwards, and 10,000 snapshots are read and written")
{
	auto_strbuf struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	auto_config struct config *config = NULL;
	struct error err;

	for (unsigned i = 20000; i > 10000; i--)
		strbuf_addf(&text, "k%u: 1\n", i);
	for (unsigned i = 20000; i > 10000; i--)
		strbuf_addf(&text, "[s%u]\nk: 1\n", i);
	config = config_parse(strbuf_slice(&text), 100, NULL);
	EXPECT_INT(config->main.keys.count, 10000);
	EXPECT_INT(config->snapshot_count, 10000);
	EXPECT_TEXT(config->snapshots[0].name, "s10001");
	EXPECT(config_format(config, &out, &err) == 0);
}
