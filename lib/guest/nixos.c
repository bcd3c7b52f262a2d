/*
 * NixOS: all but its name, addresses and DNS comes from its own configuration, and it
 * keeps no programs at the usual places.
 */
#include <string.h>

#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/networkd.h"
#include "guest/type.h"

static bool has_store(const struct guest *guest)
{
	return guest_has_dir(guest->root, "/nix/store");
}

/* There is no /bin/sh before the first boot; init is a script, and runs in a shell. */
static bool find_program(const struct guest *guest, struct strbuf *path)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;
	struct slice text;
	struct error err;
	size_t len = 0;

	if (guest_first_line(guest->root, "/sbin/init", &line, &err) <= 0 ||
	    !slice_starts(strbuf_slice(&line), "#!"))
		return false;
	text = slice_trim(slice_from(strbuf_slice(&line), 2));
	while (len < text.len && text.at[len] != ' ' && text.at[len] != '\t')
		len++;
	if (!slice_starts(text, "/") || memchr(text.at, '\0', len))
		return false;
	strbuf_add(path, text.at, len);
	return true;
}

const struct guest_type guest_nixos = {
	.name = "nixos",
	.ids = (const char *const[]){ "nixos", NULL },
	.is_found = has_store,
	.find_program = find_program,
	.hostname = hostname_write_short,
	.network = networkd_write,
	.flags = GUEST_NO_TIMEZONE | GUEST_TTY_DIR,
};
