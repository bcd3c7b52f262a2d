#include "template/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/own.h"

#define AT(member) offsetof(struct image, member)

/* Each record is a part's name, '=', the text and a NUL byte. */
static const struct part {
	const char *name;
	size_t offset;
	bool is_list;
} parts[] = {
	{ "command", AT(command), true }, { "env", AT(env), true },
	{ "volumes", AT(volumes), true }, { "user", AT(user), false },
	{ "dir", AT(dir), false },        { "signal", AT(signal), false },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static char ***list_of(const struct image *image, const struct part *part)
{
	return (char ***)(uintptr_t)((const char *)image + part->offset);
}

static char **text_of(const struct image *image, const struct part *part)
{
	return (char **)(uintptr_t)((const char *)image + part->offset);
}

static const struct part *find_part(struct slice name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (slice_is(name, parts[i].name))
			return &parts[i];
	return NULL;
}

void image_done(struct image *image)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].is_list)
			free_words(list_of(image, &parts[i]));
		else
			free(*text_of(image, &parts[i]));
	}
	*image = (struct image){ 0 };
}

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static int check_text(const char *text, struct error *err)
{
	auto_strbuf struct strbuf escaped = STRBUF_INIT;

	line_escape(slice(text), &escaped);
	if (slice_is(strbuf_slice(&escaped), text))
		return 0;
	strbuf_cut(&escaped, escaped.len < 100 ? escaped.len : 100);
	return fail(err, 0, "'%s' has a control character", escaped.at);
}

static void add_word(char ***list, const char *text)
{
	size_t count = count_words(*list);

	*list = xreallocarray(*list, count + 2, sizeof(**list));
	(*list)[count] = xstrdup(text);
	(*list)[count + 1] = NULL;
}

static size_t record_size(const struct part *part, const char *text)
{
	return strlen(part->name) + strlen(text) + 2;
}

/* A text that comes again replaces the one before. */
static void drop_text(struct image *image, const struct part *part)
{
	char **old = text_of(image, part);

	if (*old)
		image->size -= record_size(part, *old);
	free_ptr(old);
}

int image_add(struct image *image, const char *name, const char *text, struct error *err)
{
	const struct part *part = find_part(slice(name));
	size_t size;

	if (!part)
		return fail(err, 0, "an image has no '%s'", name);
	if (check_text(text, err) < 0)
		return -1;
	if (!part->is_list)
		drop_text(image, part);
	if (!part->is_list && !text[0])
		return 0;
	size = record_size(part, text);
	if (size > IMAGE_TEXT_MAX - image->size)
		return fail(err, 0, "the texts have more than %d bytes", IMAGE_TEXT_MAX);
	image->size += size;
	if (part->is_list)
		add_word(list_of(image, part), text);
	else
		*text_of(image, part) = xstrdup(text);
	return 0;
}

static void add_record(struct strbuf *out, const char *name, const char *text)
{
	strbuf_addf(out, "%s=%s", name, text);
	strbuf_addc(out, '\0');
}

void image_format(const struct image *image, struct strbuf *out)
{
	for (size_t i = 0; i < PARTS; i++) {
		char **words = parts[i].is_list ? *list_of(image, &parts[i]) : NULL;
		const char *text = parts[i].is_list ? NULL : *text_of(image, &parts[i]);

		for (; words && *words; words++)
			add_record(out, parts[i].name, *words);
		if (text)
			add_record(out, parts[i].name, text);
	}
}

int image_parse(struct slice text, struct image *out, struct error *err)
{
	auto_image struct image image = { 0 };

	while (text.len > 0) {
		struct slice rest, value, record = slice_cut(text, '\0', &rest);
		struct slice name = slice_cut(record, '=', &value);
		const struct part *part = find_part(name);
		auto_free char *copy = slice_dup(value);

		if (!part || !rest.at || !value.at)
			return fail(err, 0, "what the image says cannot be understood");
		if (image_add(&image, part->name, copy, err) < 0)
			return -1;
		text = rest;
	}
	*out = image;
	image = (struct image){ 0 };
	return 0;
}
