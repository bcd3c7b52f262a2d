/* openSUSE Leap, Tumbleweed and Slowroll, and SLES (guest-setup.md 3.3, 8.9). */
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/locale.h"
#include "guest/networkd.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/suse.h"
#include "guest/systemd.h"
#include "guest/units.h"

/* The date of a rolling release. */
static bool is_snapshot(unsigned date)
{
	return date / 10000 >= 2017 && date / 100 % 100 <= 12 && date % 100 <= 31;
}

static bool is_enterprise(unsigned major)
{
	return major == 12 || major == 15 || major == 16;
}

/* SLES leaves out the minor number of a first release (17, D12). */
static bool read_version(struct slice text, bool is_sles, struct guest_version *version)
{
	struct slice rest = text;

	if (!release_take(&rest, version) || rest.len)
		return false;
	if (slice_is_digits(text))
		return text.len == 8 ? is_snapshot(version->major)
				     : is_sles && is_enterprise(version->major);
	switch (version->major) {
	case 12: return is_sles;
	case 13: return version->minor <= 2;
	case 15:
	case 16: return true;
	default: return version->major >= 42;
	}
}

static int detect_version(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT, id = STRBUF_INIT;

	if (release_read(guest, "VERSION_ID", &text, err) < 0 ||
	    release_read(guest, "ID", &id, err) < 0)
		return -1;
	if (!read_version(strbuf_slice(&text), slice_is(strbuf_slice(&id), "sles"),
			  &guest->version))
		return release_refuse(guest, &text, err);
	return 0;
}

static int write_network(const struct guest *guest, struct error *err)
{
	if (suse_write(guest, err) < 0)
		return -1;
	if (!guest_has_file(guest->root, "/usr/lib/systemd/systemd-networkd"))
		return 0;
	return networkd_write(guest, err);
}

static int write_init(const struct guest *guest, struct error *err)
{
	if (units_fix_getty(guest, err) < 0)
		return -1;
	return systemd_write_gettys(guest, err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	if (securetty_write(guest, err) < 0 || locale_write(guest, err) < 0)
		return -1;
	/* Only where there is none. */
	guest_symlink(guest->root, "/usr/share/zoneinfo/UTC", "/etc/localtime");
	return hosts_clean_up(guest, err);
}

const struct guest_type guest_opensuse = {
	.name = "opensuse",
	.ids = (const char *const[]){ "opensuse", "opensuse-leap", "opensuse-tumbleweed",
				      "opensuse-slowroll", "sles", NULL },
	.marks = (const char *const[]){ "/etc/SuSE-brand", "/etc/SuSE-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_short,
	.network = write_network,
	.init = write_init,
	.fix_template = fix_template,
	.flags = GUEST_TTY_DIR,
};
