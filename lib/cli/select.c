#include "cli/select.h"

#include <string.h>

#include "base/own.h"
#include "config/store.h"

struct selection {
	unsigned *known; /* all containers, ascending */
	size_t known_count;
	unsigned *ids; /* what was selected so far */
	size_t count;
	const char *name; /* of the positional, for problems */
	struct problems *problems;
};

static bool split_range(struct slice word, struct slice *first, struct slice *last)
{
	*first = slice_cut(word, '-', last);
	return last->at && slice_is_digits(*first) && slice_is_digits(*last);
}

bool select_is_group(struct slice word)
{
	struct slice first, last;

	return slice_starts(word, "@") || split_range(word, &first, &last);
}

bool select_has_tag(const char *tags, struct slice tag)
{
	struct slice rest = slice(tags), one;
	auto_free char *wanted = slice_dup(tag);

	while (slice_word(&rest, &one))
		if (slice_is_nocase(one, wanted))
			return true;
	return false;
}

static void add_id(struct selection *selection, unsigned vmid)
{
	for (size_t i = 0; i < selection->count; i++)
		if (selection->ids[i] == vmid)
			return;
	selection->ids =
		grow_array(selection->ids, selection->count, sizeof(*selection->ids));
	selection->ids[selection->count++] = vmid;
}

static void add_range(struct selection *selection, const char *word)
{
	struct slice first, last;
	unsigned from, to;
	bool found = false;

	split_range(slice(word), &first, &last);
	if (!vmid_parse(first, &from) || !vmid_parse(last, &to) || from > to) {
		problems_add(selection->problems, selection->name,
			     "'%s' is no range of container ids", word);
		return;
	}
	for (size_t i = 0; i < selection->known_count; i++) {
		if (selection->known[i] < from || selection->known[i] > to)
			continue;
		add_id(selection, selection->known[i]);
		found = true;
	}
	if (!found)
		problems_add(selection->problems, selection->name,
			     "no container in the range '%s'", word);
}

/* What cannot be read has no tags; those who list containers tell about it. */
static bool is_tagged(unsigned vmid, struct slice tag)
{
	auto_config struct config *config = NULL;
	struct error ignored;

	return config_load_main(vmid, &config, NULL, &ignored) == 0 &&
	       select_has_tag(config_get(config, "tags"), tag);
}

static void add_tagged(struct selection *selection, const char *word)
{
	struct slice tag = slice(word + 1);
	bool found = false;

	for (size_t i = 0; i < selection->known_count; i++) {
		if (!is_tagged(selection->known[i], tag))
			continue;
		add_id(selection, selection->known[i]);
		found = true;
	}
	if (!found)
		problems_add(selection->problems, selection->name,
			     "no container has the tag '%s'", word);
}

static void add_word(struct selection *selection, const char *word)
{
	unsigned vmid;

	if (word[0] == '@')
		add_tagged(selection, word);
	else if (select_is_group(slice(word)))
		add_range(selection, word);
	else if (vmid_parse(slice(word), &vmid))
		add_id(selection, vmid);
	else
		problems_add(selection->problems, selection->name,
			     "'%s' is no container id, range or @tag", word);
}

int select_containers(char *const *words, const char *name, unsigned **ids, size_t *count,
		      struct problems *problems, struct error *err)
{
	auto_free unsigned *known = NULL;
	struct selection selection = { .name = name, .problems = problems };

	if (config_list(&known, &selection.known_count, err) < 0)
		return -1;
	selection.known = known;
	for (; *words; words++)
		add_word(&selection, *words);
	*ids = selection.ids;
	*count = selection.count;
	return 0;
}
