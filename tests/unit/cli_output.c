#include "cli/output.h"

#include "base/own.h"
#include "test.h"

static void expect_output(const struct json_t *tree, const char *format, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	EXPECT(output_format(format, tree, &out, &err) == 0);
	EXPECT_TEXT(out.at, want);
}

static struct json_t *example(void)
{
	struct json_t *object = value_object(), *list = value_list();

	value_add(list, value_int(0));
	value_add(list, value_int(2));
	value_set(object, "vmid", value_int(100));
	value_set(object, "name", value_text("web"));
	value_set(object, "cpus", list);
	value_set(object, "limit", value_number("0.5"));
	return object;
}

TEST("json is one line with sorted keys")
{
	auto_value struct json_t *tree = example();

	expect_output(tree, "json",
		      "{\"cpus\":[0,2],\"limit\":0.5,\"name\":\"web\",\"vmid\":100}\n");
}

TEST("json-pretty is the same, indented")
{
	auto_value struct json_t *tree = example();

	expect_output(tree, "json-pretty",
		      "{\n  \"cpus\": [\n    0,\n    2\n  ],\n  \"limit\": 0.5,\n"
		      "  \"name\": \"web\",\n  \"vmid\": 100\n}\n");
}

TEST("yaml is one document with sorted keys")
{
	auto_value struct json_t *tree = example();

	expect_output(tree, "yaml",
		      "---\ncpus:\n- 0\n- 2\nlimit: 0.5\nname: web\nvmid: 100\n");
}

TEST("an empty list is one in every format")
{
	auto_value struct json_t *tree = value_list();

	expect_output(tree, "json", "[]\n");
	expect_output(tree, "json-pretty", "[]\n");
	expect_output(tree, "yaml", "--- []\n");
}

static void expect_yaml(const char *text, const char *want)
{
	auto_value struct json_t *tree = value_list();

	value_add(tree, value_text(text));
	expect_output(tree, "yaml", want);
}

TEST("yaml quotes a text that would be read as another type")
{
	expect_yaml("100", "---\n- '100'\n");
	expect_yaml("yes", "---\n- 'yes'\n");
	expect_yaml("No", "---\n- 'No'\n");
	expect_yaml("null", "---\n- 'null'\n");
	expect_yaml("~", "---\n- '~'\n");
	expect_yaml("12:30:45", "---\n- '12:30:45'\n");
	expect_yaml("", "---\n- ''\n");
	expect_yaml("nobody", "---\n- nobody\n");
}

TEST("yaml quotes what its grammar would take apart")
{
	expect_yaml("a: b", "---\n- 'a: b'\n");
	expect_yaml("a #b", "---\n- 'a #b'\n");
	expect_yaml("- a", "---\n- '- a'\n");
	expect_yaml("it's", "---\n- it's\n");
	expect_yaml("a\nb\n", "---\n- \"a\\nb\\n\"\n");
	expect_yaml("tab\there\x01", "---\n- \"tab\\there\\x01\"\n");
}

TEST("a long text stays on one line of yaml")
{
	auto_strbuf struct strbuf text = STRBUF_INIT, want = STRBUF_INIT;

	for (int i = 0; i < 100; i++)
		strbuf_adds(&text, "word ");
	strbuf_adds(&text, "end");
	strbuf_addf(&want, "---\n- %s\n", text.at);
	expect_yaml(text.at, want.at);
}

TEST("only the format text is left to the command")
{
	EXPECT(output_is_text("text"));
	EXPECT(!output_is_text("json"));
	EXPECT(!output_is_text("json-pretty"));
	EXPECT(!output_is_text("yaml"));
}
