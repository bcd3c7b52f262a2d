#include "guest/hosts.h"

#include <string.h>

#include "base/ascii.h"
#include "guest/files.h"
#include "guest/sections.h"

static const char path[] = "/etc/hosts";

static struct slice skip_blanks(struct slice line)
{
	while (line.len && is_blank(line.at[0]))
		line = slice_from(line, 1);
	return line;
}

static bool is_for(struct slice line, const char *address)
{
	size_t len = strlen(address);

	line = skip_blanks(line);
	return slice_starts(line, address) && line.len > len && is_blank(line.at[len]);
}

/* The span from the first BEGIN to the last END line is ours and does not count. */
static void find_span(struct slice text, const char **begin, const char **end)
{
	struct slice line;

	*begin = *end = NULL;
	while (slice_line(&text, &line)) {
		if (!*begin && slice_starts(skip_blanks(line), SECTION_BEGIN))
			*begin = line.at;
		else if (*begin && slice_starts(skip_blanks(line), SECTION_END))
			*end = line.at;
	}
}

static bool user_has(struct slice text, const char *address)
{
	const char *begin, *end;
	struct slice line;

	find_span(text, &begin, &end);
	while (slice_line(&text, &line))
		if (is_for(line, address) && !(end && line.at >= begin && line.at <= end))
			return true;
	return false;
}

static void add_names(const struct guest_wants *wants, struct strbuf *out)
{
	if (strchr(wants->hostname, '.')) {
		strbuf_addf(out, " %s %s\n", wants->hostname, wants->shortname);
		return;
	}
	for (char **domain = wants->search; *domain; domain++)
		strbuf_addf(out, " %s.%s", wants->hostname, *domain);
	strbuf_addf(out, " %s\n", wants->hostname);
}

void hosts_section(struct slice old, const struct guest_wants *wants, struct strbuf *out)
{
	if (!user_has(old, "127.0.0.1"))
		strbuf_adds(out, "127.0.0.1 localhost.localnet localhost\n");
	if (!user_has(old, "::1"))
		strbuf_adds(out, "::1 localhost.localnet localhost\n");
	if (!wants->address && strcmp(wants->shortname, "localhost") == 0) {
		strbuf_adds(out, "127.0.1.1 localhost\n");
		return;
	}
	strbuf_adds(out, wants->address ? wants->address : "127.0.1.1");
	add_names(wants, out);
}

int hosts_write(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, section = STRBUF_INIT;

	if (guest_read(guest->root, path, &old, err) < 0)
		return -1;
	hosts_section(strbuf_slice(&old), guest->wants, &section);
	return guest_edit_section(guest->root, path, strbuf_slice(&section), SECTION_APPEND,
				  0, 0644, err);
}

/* The dots of the address match any character. */
static bool is_leftover(struct slice line)
{
	static const char address[] = "127.0.1.1";
	struct slice name;

	if (line.len <= strlen(address))
		return false;
	for (size_t i = 0; i < strlen(address); i++)
		if (address[i] != '.' && line.at[i] != address[i])
			return false;
	line = slice_from(line, strlen(address));
	name = skip_blanks(line);
	return name.len < line.len && slice_is(name, "LXC_NAME");
}

void hosts_clean(struct slice old, struct strbuf *out)
{
	struct slice line;

	while (slice_line(&old, &line)) {
		if (is_leftover(line))
			continue;
		strbuf_add_slice(out, line);
		strbuf_addc(out, '\n');
	}
	while (out->len && out->at[out->len - 1] == '\n')
		strbuf_cut(out, out->len - 1);
	strbuf_addc(out, '\n');
}

int hosts_clean_up(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found <= 0)
		return found;
	hosts_clean(strbuf_slice(&old), &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}
