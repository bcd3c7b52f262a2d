#include "storage/storage.h"

static const struct content_word {
	unsigned content;
	const char *name;
} words[] = {
	{ CONTENT_IMAGES, "images" }, { CONTENT_ROOTDIR, "rootdir" },
	{ CONTENT_VZTMPL, "vztmpl" }, { CONTENT_ISO, "iso" },
	{ CONTENT_BACKUP, "backup" }, { CONTENT_SNIPPETS, "snippets" },
	{ CONTENT_IMPORT, "import" }, { 0, NULL },
};

unsigned content_parse(struct slice word)
{
	for (const struct content_word *row = words; row->name; row++)
		if (slice_is(word, row->name))
			return row->content;
	return 0;
}

const char *content_name(unsigned one)
{
	for (const struct content_word *row = words; row->name; row++)
		if (row->content == one)
			return row->name;
	return "none";
}

unsigned content_list(struct slice list)
{
	struct slice word;
	unsigned content = 0;

	while (slice_word(&list, &word))
		content |= content_parse(word);
	return content;
}

static bool check_content(struct slice value, struct strbuf *reason)
{
	struct slice word;

	while (slice_word(&value, &word)) {
		if (content_parse(word))
			continue;
		strbuf_addf(reason, "invalid content type '" SLICE_FMT "'",
			    SLICE_ARG(word));
		return false;
	}
	return true;
}

const struct prop_format content_format = { "content", check_content };
