#include "guest/cron.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "base/random.h"
#include "guest/files.h"

#define MINUTES 59

/* Blanks and tabs, then a word without them; false unless both are there. */
static bool next_field(struct slice *line, struct slice *field)
{
	size_t blanks = 0, len;

	while (blanks < line->len && is_blank(line->at[blanks]))
		blanks++;
	len = blanks;
	while (len < line->len && !is_blank(line->at[len]))
		len++;
	*field = slice_of(line->at + blanks, len - blanks);
	*line = slice_from(*line, len);
	return blanks > 0 && field->len > 0;
}

/* A numeric minute, four more fields, "root", a command; *rest is all but the minute. */
static bool has_minute(struct slice line, struct slice *rest)
{
	struct slice field;
	size_t len = slice_digits(line);

	line = slice_from(line, len);
	*rest = line;
	if (len == 0)
		return false;
	for (int i = 0; i < 4; i++)
		if (!next_field(&line, &field))
			return false;
	return next_field(&line, &field) && slice_is(field, "root") &&
	       next_field(&line, &field);
}

void cron_edit(struct slice old, unsigned short state[3], struct strbuf *out)
{
	struct slice line, rest;

	while (old.len && old.at[old.len - 1] == '\n')
		old.len--;
	while (slice_line(&old, &line)) {
		if (has_minute(line, &rest)) {
			strbuf_addf(out, "%d", (int)(MINUTES * erand48(state)));
			line = rest;
		}
		strbuf_add_slice(out, line);
		strbuf_addc(out, '\n');
	}
}

static int edit_file(const struct guest *guest, const char *path, unsigned short state[3],
		     struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found <= 0)
		return found;
	cron_edit(strbuf_slice(&old), state, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

/* Names with other characters cron ignores too. */
static bool is_cron_name(const char *name)
{
	return name[0] &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-")] == '\0';
}

int cron_write(const struct guest *guest, struct error *err)
{
	uint64_t seed = guest->job->facts->seed;
	auto_words char **names = NULL;
	unsigned short state[3];

	if (seed == 0)
		random_bytes(&seed, sizeof(seed));
	random_seed48(seed, state);
	if (edit_file(guest, "/etc/crontab", state, err) < 0 ||
	    guest_list(guest->root, "/etc/cron.d", is_cron_name, &names, err) < 0)
		return -1;
	for (char **name = names; *name; name++) {
		auto_free char *path = xasprintf("/etc/cron.d/%s", *name);

		if (edit_file(guest, path, state, err) < 0)
			return -1;
	}
	return 0;
}
