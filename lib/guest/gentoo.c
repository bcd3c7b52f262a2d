/* Gentoo with OpenRC (guest-setup.md 8.11): settings are shell fragments in conf.d. */
#include <string.h>

#include "guest/confd.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/inittab.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/type.h"

/* The number behind it changes nothing. */
static int detect_version(struct guest *guest, struct error *err)
{
	static const char head[] = "Gentoo Base System release ";
	auto_strbuf struct strbuf line = STRBUF_INIT;
	int found = guest_first_line(guest->root, "/etc/gentoo-release", &line, err);

	if (found < 0)
		return -1;
	if (!found)
		return fail(err, 0, "the file '/etc/gentoo-release' is missing");
	if (line.len < strlen(head) ||
	    !slice_is_nocase(slice_of(line.at, strlen(head)), head))
		return release_refuse(guest, &line, err);
	return 0;
}

static bool is_dropped(struct slice line)
{
	return inittab_is_getty(line, "") || inittab_is_getty(line, "c");
}

static void add_tty(struct strbuf *out, unsigned tty, struct guest_version version)
{
	(void)version;
	strbuf_addf(out, "%u::respawn:/sbin/agetty 38400 tty%u\n", tty, tty);
}

static int write_consoles(const struct guest *guest, struct error *err)
{
	static const struct inittab_style style = {
		.is_dropped = is_dropped,
		.head = "",
		.add_tty = add_tty,
	};

	return inittab_write(guest, &style, err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	if (securetty_write(guest, err) < 0)
		return -1;
	return hosts_clean_up(guest, err);
}

const struct guest_type guest_gentoo = {
	.name = "gentoo",
	.ids = (const char *const[]){ "gentoo", NULL },
	.marks = (const char *const[]){ "/etc/gentoo-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_confd,
	.network = confd_write,
	.init = write_consoles,
	.fix_template = fix_template,
};
