#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/config.h"

/* A key with a form of its own in a section. */
struct special {
	const char *key;
	char *(*get)(const struct section *section);
	void (*put)(struct section *section, const char *value); /* NULL: drop */
};

static char *get_description(const struct section *section)
{
	return xstrdup(section->description);
}

/*
 * It stands in the file as comments, each line with its end. An empty one is kept until
 * then: as a change it takes the place of what is there.
 */
static void put_description(struct section *section, const char *value)
{
	size_t len = value ? strlen(value) : 0;
	bool ends = len == 0 || value[len - 1] == '\n';
	char *text = value ? xasprintf("%s%s", value, ends ? "" : "\n") : NULL;

	free(section->description);
	section->description = text;
}

static char *get_env(const struct section *section)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < section->env_count; i++)
		strbuf_addf(&text, "%s%s", i ? "\n" : "", section->env[i]);
	return section->env_count ? strbuf_take(&text) : NULL;
}

static void put_env(struct section *section, const char *value)
{
	struct slice rest = slice(value), item;

	for (size_t i = 0; i < section->env_count; i++)
		free(section->env[i]);
	free(section->env);
	section->env = NULL;
	section->env_count = 0;
	while (slice_line(&rest, &item))
		if (item.len)
			section_add_env(section, item);
}

static const struct special specials[] = {
	{ "description", get_description, put_description },
	{ "env", get_env, put_env },
};

static const struct special *find_special(const char *key)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (strcmp(specials[i].key, key) == 0)
			return &specials[i];
	return NULL;
}

char *section_get(const struct section *section, const char *key)
{
	const struct special *special = find_special(key);

	return special ? special->get(section) : xstrdup(keyvals_get(&section->keys, key));
}

void section_put(struct section *section, const char *key, const char *value)
{
	const struct special *special = find_special(key);

	if (special)
		special->put(section, value);
	else
		keyvals_set(&section->keys, key, value);
}

void section_drop(struct section *section, const char *key)
{
	const struct special *special = find_special(key);

	if (special)
		special->put(section, NULL);
	else
		keyvals_unset(&section->keys, key);
}

void section_names(const struct section *section, struct keyvals *out)
{
	for (size_t i = 0; i < section->keys.count; i++)
		keyvals_set(out, section->keys.at[i].key, "");
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		auto_free char *value = specials[i].get(section);

		if (value)
			keyvals_set(out, specials[i].key, "");
	}
}
