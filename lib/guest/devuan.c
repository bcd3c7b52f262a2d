/*
 * Devuan: Debian with names for versions and another init (guest-setup.md 3.3). Its
 * interfaces file keeps the old form of addresses in every version.
 */
#include <string.h>

#include "guest/debian.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/ifupdown.h"
#include "guest/release.h"
#include "guest/type.h"

/* With the version of Debian that each derives from. */
static const struct {
	const char *text;
	unsigned version;
} names[] = {
	{ "jessie", 8 },           { "ascii", 9 },
	{ "ascii/ceres", 9 },      { "beowulf", 10 },
	{ "beowulf/ceres", 10 },   { "chimaera", 11 },
	{ "chimaera/ceres", 11 },  { "daedalus", 12 },
	{ "daedalus/ceres", 12 },  { "excalibur", 13 },
	{ "excalibur/ceres", 13 },
};

static int detect_version(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;
	int found = guest_first_line(guest->root, "/etc/devuan_version", &line, err);

	if (found < 0)
		return -1;
	if (!found)
		return fail(err, 0, "the file '/etc/devuan_version' is missing");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!slice_is_nocase(strbuf_slice(&line), names[i].text))
			continue;
		guest->version.major = names[i].version;
		return 0;
	}
	return release_refuse(guest, &line, err);
}

static int write_network(const struct guest *guest, struct error *err)
{
	return ifupdown_write(guest, guest->wants->nic, guest->wants->nic_count,
			      IFUPDOWN_NETMASK, err);
}

const struct guest_type guest_devuan = {
	.name = "devuan",
	.ids = (const char *const[]){ "devuan", NULL },
	.marks = (const char *const[]){ "/etc/devuan_version", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_short,
	.network = write_network,
	.init = debian_init,
	.fix_certificates = debian_fix_certificates,
	.flags = GUEST_ANY_CGROUP,
};
