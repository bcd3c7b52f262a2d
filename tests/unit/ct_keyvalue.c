#include "ct/keyvalue.h"

#include "base/own.h"
#include "cli/output.h"
#include "ct/dftable.h"
#include "ct/pending.h"
#include "ct/snaptree.h"
#include "test.h"

/* Takes over value. */
static void expect_json(struct json_t *value, const char *want)
{
	auto_value struct json_t *list = value_list();
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	value_add(list, value);
	EXPECT(output_format("json", list, &out, &err) == 0);
	EXPECT_TEXT(out.at, want);
}

TEST("a key has the type of its row")
{
	expect_json(key_value("memory", "512"), "[512]\n");
	expect_json(key_value("cpulimit", "0.5"), "[0.5]\n");
	expect_json(key_value("onboot", "1"), "[1]\n");
	expect_json(key_value("hostname", "100"), "[\"100\"]\n");
	expect_json(key_value("net0", "name=eth0"), "[\"name=eth0\"]\n");
	expect_json(key_value("env", "A=1\nB=x y"), "[[\"A=1\",\"B=x y\"]]\n");
}

TEST("an invalid value and an unknown key stay texts")
{
	expect_json(key_value("memory", "lots"), "[\"lots\"]\n");
	expect_json(key_value("onboot", "maybe"), "[\"maybe\"]\n");
	expect_json(key_value("nosuch", "1"), "[\"1\"]\n");
	expect_json(key_value("memory", NULL), "[]\n");
}

static struct config *parse(const char *text)
{
	return config_parse(slice(text), 100, NULL);
}

TEST("pending changes have what is now, what comes and what goes")
{
	auto_config struct config *config =
		parse("#a b\nhostname: www\nmemory: 512\nonboot: 1\n\n[pve:pending]\n"
		      "delete: !onboot,hostname,swap\nmemory: 900\ntty: 4\n");

	expect_json(pending_value(config),
		    "[[{\"key\":\"description\",\"value\":\"a b\\n\"},"
		    "{\"delete\":1,\"key\":\"hostname\",\"value\":\"www\"},"
		    "{\"key\":\"memory\",\"pending\":900,\"value\":512},"
		    "{\"delete\":2,\"key\":\"onboot\",\"value\":1},"
		    "{\"key\":\"tty\",\"pending\":4}]]\n");
}

TEST("snapshots are told by time, the present state last")
{
	auto_config struct config *config =
		parse("memory: 1\nparent: two\n\n[two]\nparent: base\n"
		      "snaptime: 1700001000\n\n[base]\n#first\nsnaptime: 1700000000\n");

	expect_json(snapshots_value(config),
		    "[[{\"description\":\"first\\n\",\"name\":\"base\","
		    "\"snaptime\":1700000000},"
		    "{\"name\":\"two\",\"parent\":\"base\",\"snaptime\":1700001000},"
		    "{\"description\":\"You are here!\",\"name\":\"current\","
		    "\"parent\":\"two\"}]]\n");
}

TEST("the space of volumes is told in bytes")
{
	const struct df_row row = { .key = "rootfs",
				    .volume = "local:100/x.raw",
				    .path = "/",
				    .total = 5000000000,
				    .used = 1,
				    .avail = 4999999999 };

	expect_json(df_value(&row, 1),
		    "[[{\"avail\":4999999999,\"mp\":\"rootfs\",\"path\":\"/\","
		    "\"size\":5000000000,\"used\":1,\"volume\":\"local:100/x.raw\"}]]\n");
}
