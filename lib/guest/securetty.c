#include "guest/securetty.h"

#include <string.h>

#include "guest/files.h"

static bool has_device(struct slice text, const char *device)
{
	size_t len = strlen(device);
	struct slice line;

	while (slice_line(&text, &line))
		if (slice_starts(line, device) &&
		    slice_trim(slice_from(line, len)).len == 0)
			return true;
	return false;
}

void securetty_edit(struct slice old, const char *const *devices, struct strbuf *out)
{
	strbuf_add_slice(out, old);
	if (!slice_ends(old, "\n"))
		strbuf_addc(out, '\n');
	for (; *devices; devices++)
		if (!has_device(strbuf_slice(out), *devices))
			strbuf_addf(out, "%s\n", *devices);
}

int securetty_write(const struct guest *guest, struct error *err)
{
	static const char *const devices[] = { "console", "tty1", "tty2",
					       "tty3",    "tty4", NULL };
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, "/etc/securetty", &old, err);

	if (found <= 0)
		return found;
	securetty_edit(strbuf_slice(&old), devices, &text);
	return guest_write(guest->root, "/etc/securetty", strbuf_slice(&text), 0644, 0,
			   err);
}
