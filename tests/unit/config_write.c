#include "config/config.h"
#include "test.h"

static void expect_written(const struct config *config, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT_TEXT(config_format(config, &out, &err) == 0 ? out.at : err.text, want);
}

TEST("a line break in a value is refused by key, and nothing is written")
{
	auto_config struct config *config = config_new(100);
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	config_set(config, "arch", "amd64");
	config_set(config, "hostname", "a\nlock: x");
	EXPECT(config_format(config, &out, &err) < 0);
	EXPECT_TEXT(err.text, "hostname: value contains a line break");
	EXPECT_TEXT(out.at, "");
}

TEST("descriptions lose their last empty lines and nothing else")
{
	auto_config struct config *config =
		config_parse(slice("#a%0A\n#\n#b\n#\n#\nhostname: x\n"), 100, NULL);

	expect_written(config, "#a\n#\n#\n#b\nhostname: x\n");
}

TEST("keys sort bytewise and snapstate finds its place among them")
{
	auto_config struct config *config =
		config_parse(slice("mp2: /a,mp=/a\nmp10: /a,mp=/a\n[s1]\nswap: "
				   "1\nsnaptime: 5\nsnapstate: delete\n"),
			     100, NULL);

	expect_written(config, "mp10: /a,mp=/a\nmp2: /a,mp=/a\n\n"
			       "[s1]\nsnapstate: delete\nsnaptime: 5\nswap: 1\n");
}

TEST("an empty pending section is not written")
{
	auto_config struct config *config =
		config_parse(slice("hostname: x\n[pve:pending]\n"), 100, NULL);

	expect_written(config, "hostname: x\n");
}

TEST("a copy is written like the original and lives on its own")
{
	auto_config struct config *copy = NULL;
	struct config *config = config_parse(
		slice("#n\nhostname: x\nlxc.cap.drop: a\nlxc.environment.runtime: A=1\n"
		      "[pve:pending]\nmemory: 64\n[s1]\n#d\nsnapstate: prepare\n"),
		100, NULL);

	copy = config_copy(config);
	config_free(config);
	expect_written(copy,
		       "#n\nhostname: x\nlxc.environment.runtime: A=1\nlxc.cap.drop: a\n\n"
		       "[pve:pending]\nmemory: 64\n\n[s1]\n#d\nsnapstate: prepare\n");
}

TEST("percent-encoding covers all but plain ASCII, and decoding undoes it")
{
	auto_strbuf struct strbuf code = STRBUF_INIT, text = STRBUF_INIT;
	static const char sample[] = "a: 100%\tb\xc3\xa9\n~ \x7f";

	description_encode(slice(sample), &code);
	EXPECT_TEXT(code.at, "a%3A 100%25%09b%C3%A9%0A~ %7F");
	description_decode(strbuf_slice(&code), &text);
	EXPECT_TEXT(text.at, sample);
}
