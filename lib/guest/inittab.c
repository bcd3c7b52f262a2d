#include "guest/inittab.h"

#include <string.h>

#include "guest/files.h"

static struct slice skip(struct slice text, const char *set)
{
	while (text.len && text.at[0] != '\0' && strchr(set, text.at[0]))
		text = slice_from(text, 1);
	return text;
}

bool inittab_is_getty(struct slice line, const char *prefix)
{
	struct slice id, levels;

	line = skip(line, " \t");
	if (!slice_starts(line, prefix))
		return false;
	id = slice_cut(slice_from(line, strlen(prefix)), ':', &line);
	levels = slice_cut(line, ':', &line);
	slice_cut(line, ':', &line); /* the action */
	return line.at && slice_is_digits(id) && skip(levels, "0123456789").len == 0 &&
	       memmem(line.at, line.len, "getty", 5);
}

void inittab_edit(struct slice old, const struct inittab_style *style, unsigned ttys,
		  struct guest_version version, struct strbuf *out)
{
	struct slice line;
	bool first = true;

	while (old.len && old.at[old.len - 1] == '\n')
		old.len--;
	while (slice_line(&old, &line)) {
		if (style->is_dropped(line))
			continue;
		if (!first)
			strbuf_addc(out, '\n');
		first = false;
		strbuf_add_slice(out, line);
	}
	strbuf_addc(out, '\n');
	strbuf_adds(out, style->head);
	for (unsigned tty = 1; tty <= ttys; tty++)
		style->add_tty(out, tty, version);
}

int inittab_write(const struct guest *guest, const struct inittab_style *style,
		  struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, "/etc/inittab", &old, err);

	if (found <= 0)
		return found;
	inittab_edit(strbuf_slice(&old), style, guest->wants->ttys, guest->version, &text);
	return guest_write(guest->root, "/etc/inittab", strbuf_slice(&text), 0644, 0, err);
}
