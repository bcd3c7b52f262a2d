#include "guest/securetty.h"

#include <string.h>

#include "base/own.h"
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

void securetty_edit(struct slice old, const char *prefix, const char *const *devices,
		    struct strbuf *out)
{
	strbuf_add_slice(out, old);
	if (!slice_ends(old, "\n"))
		strbuf_addc(out, '\n');
	for (; *devices; devices++) {
		auto_free char *device = xasprintf("%s%s", prefix, *devices);

		if (!has_device(strbuf_slice(out), device))
			strbuf_addf(out, "%s\n", device);
	}
}

static int write_devices(const struct guest *guest, const char *prefix,
			 const char *const *devices, struct error *err)
{
	static const char path[] = "/etc/securetty";
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found <= 0)
		return found;
	securetty_edit(strbuf_slice(&old), prefix, devices, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

int securetty_write(const struct guest *guest, struct error *err)
{
	static const char *const devices[] = { "console", "tty1", "tty2",
					       "tty3",    "tty4", NULL };

	return write_devices(guest, guest_tty_prefix(guest), devices, err);
}

int securetty_write_device(const struct guest *guest, const char *device, struct error *err)
{
	const char *const devices[] = { device, NULL };

	return write_devices(guest, "", devices, err);
}
