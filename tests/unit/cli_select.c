#include "cli/select.h"

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "test.h"

static void given_file(unsigned vmid, const char *text)
{
	auto_free char *path = NULL;
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
	EXPECT(config_dir_prepare(&err) == 0);
	path = path_in(PATH_CONFIG, "%u.conf", vmid);
	EXPECT(save_path(path, slice(text), 0640, &err) == 0);
}

static void given_containers(void)
{
	given_file(100, "tags: web;blue\n");
	given_file(102, "tags: Blue\n");
	given_file(110, "hostname: x\n\n[s1]\ntags: blue\n");
}

/* "100 102", or the complaints. */
static void expect_selection(const char *const *words, const char *want)
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf out = STRBUF_INIT;
	auto_free unsigned *ids = NULL;
	size_t count = 0;
	struct error err;

	EXPECT(select_containers((char *const *)(uintptr_t)words, "vmid", &ids, &count,
				 &problems, &err) == 0);
	problems_format(&problems, &out);
	for (size_t i = 0; problems.count == 0 && i < count; i++)
		strbuf_addf(&out, "%s%u", i ? " " : "", ids[i]);
	EXPECT_TEXT(out.at, want);
}

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

TEST("an id stands for itself, whether it exists or not, in the order of the words")
{
	given_containers();
	expect_selection(WORDS("105", "100"), "105 100");
}

TEST("a range stands for the containers in it, both ends included")
{
	given_containers();
	expect_selection(WORDS("100-110"), "100 102 110");
	expect_selection(WORDS("101-109"), "102");
	expect_selection(WORDS("102-102"), "102");
}

TEST("a tag stands for the containers that have it now, in any case")
{
	given_containers();
	expect_selection(WORDS("@blue"), "100 102");
	expect_selection(WORDS("@web"), "100");
}

TEST("a container that is named twice is taken once")
{
	given_containers();
	expect_selection(WORDS("102", "@blue", "100-102"), "102 100");
}

TEST("a range and a tag without container are errors that name them")
{
	given_containers();
	expect_selection(WORDS("100", "700-800", "@no"),
			 "vmid: no container in the range '700-800'\n"
			 "vmid: no container has the tag '@no'\n");
}

TEST("each word that is no id, range or tag is an error")
{
	given_containers();
	expect_selection(WORDS("99", "0100", "web", "@", "110-100", "50-200"),
			 "vmid: '99' is no container id, range or @tag\n"
			 "vmid: '0100' is no container id, range or @tag\n"
			 "vmid: 'web' is no container id, range or @tag\n"
			 "vmid: no container has the tag '@'\n"
			 "vmid: '110-100' is no range of container ids\n"
			 "vmid: '50-200' is no range of container ids\n");
}

TEST("a group has the form of a range or a tag")
{
	EXPECT(select_is_group(slice("@web")));
	EXPECT(select_is_group(slice("100-105")));
	EXPECT(!select_is_group(slice("100")));
	EXPECT(!select_is_group(slice("100-")));
	EXPECT(!select_is_group(slice("-100")));
	EXPECT(!select_is_group(slice("a-b")));
}

TEST("a list of tags may be separated by semicolons, commas and blanks")
{
	EXPECT(select_has_tag("a;b,c d", slice("d")));
	EXPECT(!select_has_tag("ab;bc", slice("b")));
	EXPECT(!select_has_tag(NULL, slice("b")));
	EXPECT(!select_has_tag("", slice("")));
}
