#include "base/value.h"

#include "base/own.h"
#include "cli/output.h"
#include "test.h"

static void expect_json(struct json_t *value, const char *want)
{
	auto_value struct json_t *list = value_list();
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct error err;

	value_add(list, value);
	EXPECT(output_format("json", list, &out, &err) == 0);
	EXPECT_TEXT(out.at, want);
}

TEST("a whole number stays one, a decimal one keeps its digits")
{
	expect_json(value_number("512"), "[512]\n");
	expect_json(value_number("-1"), "[-1]\n");
	expect_json(value_number("0.1"), "[0.1]\n");
	expect_json(value_number("9223372036854775807"), "[9223372036854775807]\n");
}

TEST("what is no decimal number stays a text")
{
	expect_json(value_number(""), "[\"\"]\n");
	expect_json(value_number("."), "[\".\"]\n");
	expect_json(value_number("1.2.3"), "[\"1.2.3\"]\n");
	expect_json(value_number("0x10"), "[\"0x10\"]\n");
	expect_json(value_number("nan"), "[\"nan\"]\n");
	expect_json(value_number("inf"), "[\"inf\"]\n");
}

TEST("a missing text is not there")
{
	auto_value struct json_t *object = value_object();

	value_set(object, "lock", value_text(NULL));
	expect_json(value_text(NULL), "[]\n");
	EXPECT(value_number(NULL) == NULL);
}

TEST("a text in UTF-8 stays as it is")
{
	expect_json(value_text("w\xc3\xb6rld \xe2\x82\xac \xf0\x9f\x90\xa7"),
		    "[\"w\xc3\xb6rld \xe2\x82\xac \xf0\x9f\x90\xa7\"]\n");
}

TEST("bytes that are no UTF-8 become the replacement character")
{
	expect_json(value_text("a\xff z"), "[\"a\xef\xbf\xbd z\"]\n");
	expect_json(value_text("cut \xe2\x82"), "[\"cut \xef\xbf\xbd\xef\xbf\xbd\"]\n");
	expect_json(value_text("\xc0\xaf"), "[\"\xef\xbf\xbd\xef\xbf\xbd\"]\n");
	expect_json(value_text("\xed\xa0\x80"),
		    "[\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]\n");
	expect_json(value_text("\xf4\x90\x80\x80"),
		    "[\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]\n");
}
