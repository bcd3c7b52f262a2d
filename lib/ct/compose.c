#include "ct/compose.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/random.h"
#include "base/sort.h"
#include "config/config.h"
#include "lxc/cgroup.h"

/* Add a sub-key of netN, unless the text has it or there is no value for it. */
static int complete(struct strbuf *text, const char *name, const char *present,
		    const char *value, struct error *err)
{
	auto_strbuf struct strbuf more = STRBUF_INIT;

	if (present || !value)
		return 0;
	if (group_with(strbuf_slice(text), net_props, name, value, &more, err) < 0)
		return -1;
	strbuf_cut(text, 0);
	strbuf_add_slice(text, strbuf_slice(&more));
	return 0;
}

/* netN: the host's bridge, a MAC address that stays, and the type, always written. */
static int complete_net(const char *text, const struct settings *settings,
			struct strbuf *out, struct error *err)
{
	auto_net struct net net = { 0 };
	auto_strbuf struct strbuf whole = STRBUF_INIT;
	char mac[18];

	if (group_parse(slice(text), net_props, &net, err) < 0)
		return -1;
	random_mac(mac, settings->mac_prefix);
	strbuf_adds(&whole, text);
	if (complete(&whole, "bridge", net.bridge, settings->bridge, err) < 0 ||
	    complete(&whole, "hwaddr", net.hwaddr, mac, err) < 0 ||
	    complete(&whole, "type", net.type, "veth", err) < 0)
		return -1;
	return group_with(strbuf_slice(&whole), net_props, NULL, NULL, out, err);
}

/* Words are kept with one blank between them. */
static int space_words(const char *text, struct strbuf *out, struct error *err)
{
	struct slice rest = slice(text), word;

	(void)err;
	while (slice_word(&rest, &word)) {
		if (out->len)
			strbuf_addc(out, ' ');
		strbuf_add_slice(out, word);
	}
	return 0;
}

/* Tags are kept in lower case, once each, sorted. */
static int sort_tags(const char *text, struct strbuf *out, struct error *err)
{
	struct slice rest = slice(text), word;
	auto_words char **words = NULL;
	size_t count = 0;

	(void)err;
	while (slice_word(&rest, &word)) {
		words = xreallocarray(words, count + 2, sizeof(*words));
		words[count] = slice_dup(word);
		for (char *c = words[count]; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		words[++count] = NULL;
	}
	sort_texts(words, count);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(words[i], words[i - 1]) != 0)
			strbuf_addf(out, "%s%s", out->len ? ";" : "", words[i]);
	return 0;
}

/* The weight that this host will give, so that the file tells what is in force. */
static int clamp_units(const char *text, struct strbuf *out, struct error *err)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	long long low = v2 ? 1 : 2, high = v2 ? 10000 : 262144;
	long long units = strtoll(text, NULL, 10);

	(void)err;
	strbuf_addf(out, "%lld", units < low ? low : units > high ? high : units);
	return 0;
}

/* The keys whose values are not stored as they were typed. */
static const struct {
	const char *key;
	int (*normalise)(const char *text, struct strbuf *out, struct error *err);
} normalisers[] = {
	{ "cpuunits", clamp_units },
	{ "nameserver", space_words },
	{ "searchdomain", space_words },
	{ "tags", sort_tags },
};

int config_normalise(const char *key, const char *value, const struct settings *settings,
		     struct strbuf *out, struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));

	if (row && row->members == net_props)
		return complete_net(value, settings, out, err);
	for (size_t i = 0; i < sizeof(normalisers) / sizeof(normalisers[0]); i++)
		if (strcmp(normalisers[i].key, key) == 0)
			return normalisers[i].normalise(value, out, err);
	strbuf_adds(out, value);
	return 0;
}

static bool is_set_elsewhere(const struct prop *row)
{
	return row && (row->members == rootfs_props || row->members == mp_props);
}

static int add_option(struct config *config, const struct keyval *option,
		      const struct settings *settings, struct notes *notes,
		      struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(option->key));
	auto_strbuf struct strbuf value = STRBUF_INIT;

	if (is_set_elsewhere(row))
		return 0;
	if (row && row->members == unused_props) {
		notes_add(notes, "ignoring option '%s'", option->key);
		return 0;
	}
	if (config_normalise(option->key, option->value, settings, &value, err) < 0)
		return fail_in(err, "%s", option->key);
	section_put(&config->main, option->key, value.at);
	return 0;
}

static void add_default(struct config *config, const char *key, const char *value)
{
	if (!config_get(config, key) && value)
		config_set(config, key, value);
}

int config_of_options(unsigned vmid, const struct keyvals *options,
		      const struct settings *settings, struct config **out,
		      struct notes *notes, struct error *err)
{
	auto_config struct config *config = config_new(vmid);

	for (size_t i = 0; i < options->count; i++)
		if (add_option(config, &options->at[i], settings, notes, err) < 0)
			return -1;
	*out = take_ptr(&config);
	return 0;
}

int config_compose(unsigned vmid, const struct keyvals *options,
		   const struct settings *settings, struct config **out,
		   struct notes *notes, struct error *err)
{
	auto_config struct config *config = NULL;

	if (config_of_options(vmid, options, settings, &config, notes, err) < 0)
		return -1;
	add_default(config, "unprivileged", settings->unprivileged ? "1" : NULL);
	add_default(config, "onboot", settings->onboot ? "1" : NULL);
	add_default(config, "timezone", settings->timezone);
	if (!config_bool(config, "unprivileged"))
		config_unset(config, "unprivileged");
	*out = take_ptr(&config);
	return 0;
}
