#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "config/config.h"

/* Keys that have a form of their own in the file, or none. */
static const char *const not_written[] = { "description", "digest",   "env",      "lxc",
					   "pending",     "snapname", "snapshots" };

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '%' && c != ':';
}

void description_encode(struct slice text, struct strbuf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (is_plain(c))
			strbuf_addc(out, text.at[i]);
		else
			strbuf_addf(out, "%%%02X", c);
	}
}

/* The byte that "%XX" at the start of text stands for; -1 for other text. NUL cannot
 * be part of a description and stays as it is written. */
static int escaped_byte(struct slice text)
{
	int high, low;

	if (text.len < 3 || text.at[0] != '%')
		return -1;
	high = hex_digit(text.at[1]);
	low = hex_digit(text.at[2]);
	return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

void description_decode(struct slice text, struct strbuf *out)
{
	while (text.len) {
		int byte = escaped_byte(text);
		size_t plain = 1;

		if (byte >= 0) {
			strbuf_addc(out, (char)byte);
			text = slice_from(text, 3);
			continue;
		}
		while (plain < text.len && text.at[plain] != '%' && text.at[plain] != '\0')
			plain++;
		if (text.at[0] == '\0') {
			strbuf_adds(out, "%00");
			plain = 1;
		} else {
			strbuf_add(out, text.at, plain);
		}
		text = slice_from(text, plain);
	}
}

static void add_description(struct slice text, struct strbuf *out)
{
	struct slice line;

	while (slice_ends(text, "\n"))
		text.len--;
	while (slice_line(&text, &line)) {
		strbuf_addc(out, '#');
		description_encode(line, out);
		strbuf_addc(out, '\n');
	}
}

static int add_line(const char *key, const char *value, struct strbuf *out,
		    struct error *err)
{
	if (strchr(value, '\n'))
		return fail(err, 0, "%s: value contains a line break", key);
	strbuf_adds(out, key);
	strbuf_add(out, ": ", 2);
	strbuf_adds(out, value);
	strbuf_addc(out, '\n');
	return 0;
}

static bool is_written(const char *key)
{
	for (size_t i = 0; i < sizeof(not_written) / sizeof(not_written[0]); i++)
		if (strcmp(key, not_written[i]) == 0)
			return false;
	return true;
}

static int add_keys(const struct section *section, const char *snapstate,
		    struct strbuf *out, struct error *err)
{
	for (size_t i = 0; i < section->keys.count; i++) {
		const struct keyval *pair = &section->keys.at[i];

		if (snapstate && strcmp(pair->key, "snapstate") >= 0) {
			if (add_line("snapstate", snapstate, out, err) < 0)
				return -1;
			snapstate = NULL;
		}
		if (is_written(pair->key) && add_line(pair->key, pair->value, out, err) < 0)
			return -1;
	}
	return snapstate ? add_line("snapstate", snapstate, out, err) : 0;
}

static int add_section(const struct section *section, const char *snapstate,
		       struct strbuf *out, struct error *err)
{
	add_description(slice(section->description), out);
	if (add_keys(section, snapstate, out, err) < 0)
		return -1;
	for (size_t i = 0; i < section->env_count; i++)
		if (add_line("lxc.environment.runtime", section->env[i], out, err) < 0)
			return -1;
	for (size_t i = 0; i < section->raw_count; i++)
		if (add_line(section->raw[i].key, section->raw[i].value, out, err) < 0)
			return -1;
	return 0;
}

/* Pending changes, if there are any: a header without lines would be lost on reading. */
static int add_pending(const struct section *pending, struct strbuf *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (add_section(pending, pending->snapstate, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	strbuf_adds(out, "\n[pve:pending]\n");
	strbuf_add_slice(out, strbuf_slice(&text));
	return 0;
}

static int add_snapshot(const struct section *section, struct strbuf *out,
			struct error *err)
{
	strbuf_addf(out, "\n[%s]\n", section->name);
	if (add_section(section, section->snapstate, out, err) < 0)
		return fail_in(err, "snapshot '%s'", section->name);
	return 0;
}

int config_format(const struct config *config, struct strbuf *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (add_section(&config->main, NULL, &text, err) < 0 ||
	    add_pending(&config->pending, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < config->snapshot_count; i++)
		if (add_snapshot(&config->snapshots[i], &text, err) < 0)
			return -1;
	strbuf_add_slice(out, strbuf_slice(&text));
	return 0;
}
