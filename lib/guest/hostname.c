#include "guest/hostname.h"

#include <string.h>

#include "base/ascii.h"
#include "guest/files.h"

static int write_line(const struct guest *guest, const char *path, const char *before,
		      const char *name, const char *behind, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%s%s%s\n", before, name, behind);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

int hostname_write_short(const struct guest *guest, struct error *err)
{
	return write_line(guest, "/etc/hostname", "", guest->wants->shortname, "", err);
}

int hostname_write_confd(const struct guest *guest, struct error *err)
{
	return write_line(guest, "/etc/conf.d/hostname", "hostname=\"",
			  guest->wants->shortname, "\"", err);
}

/* "HOSTNAME=" and one word, with blanks around it; a CR is none, and part of no word. */
static bool sets_hostname(struct slice line)
{
	struct slice value;

	if (!slice_starts(line, "HOSTNAME="))
		return false;
	value = slice_from(line, strlen("HOSTNAME="));
	while (value.len && is_blank(value.at[value.len - 1]))
		value.len--;
	while (value.len && is_blank(value.at[0]))
		value = slice_from(value, 1);
	for (size_t i = 0; i < value.len; i++)
		if (is_space(value.at[i]))
			return false;
	return value.len > 0;
}

void hostname_edit_sysconfig(struct slice old, const char *name, struct strbuf *out)
{
	bool done = false;
	struct slice line;

	while (slice_line(&old, &line)) {
		if (!done && sets_hostname(line)) {
			strbuf_addf(out, "HOSTNAME=%s\n", name);
			done = true;
			continue;
		}
		strbuf_add_slice(out, line);
		strbuf_addc(out, '\n');
	}
	if (!done)
		strbuf_addf(out, "HOSTNAME=%s\n", name);
}

int hostname_write_full(const struct guest *guest, struct error *err)
{
	static const char path[] = "/etc/sysconfig/network";
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found;

	if (write_line(guest, "/etc/hostname", "", guest->wants->hostname, "", err) < 0)
		return -1;
	found = guest_read(guest->root, path, &old, err);
	if (found <= 0)
		return found;
	hostname_edit_sysconfig(strbuf_slice(&old), guest->wants->hostname, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}
