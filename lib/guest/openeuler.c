/*
 * openEuler (guest-setup.md 8.8): NetworkManager, whether or not there is an
 * /etc/redhat-release (17, D7).
 */
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/keyfile.h"
#include "guest/release.h"
#include "guest/systemd.h"
#include "guest/units.h"

#define OLDEST 24

static int detect_version(struct guest *guest, struct error *err)
{
	return release_detect(guest, OLDEST, err);
}

static int write_init(const struct guest *guest, struct error *err)
{
	if (systemd_write_gettys(guest, err) < 0)
		return -1;
	return systemd_write_presets(guest, "", err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	static const char *const masked[] = { "sys-kernel-config.mount",
					      "sys-kernel-debug.mount", "dev-mqueue.mount",
					      NULL };

	if (hosts_clean_up(guest, err) < 0)
		return -1;
	units_mask(guest, masked);
	return 0;
}

const struct guest_type guest_openeuler = {
	.name = "openeuler",
	.ids = (const char *const[]){ "openeuler", "openEuler", NULL },
	.marks = (const char *const[]){ "/etc/openEuler-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_full,
	.network = keyfile_write,
	.init = write_init,
	.fix_template = fix_template,
	.flags = GUEST_TTY_DIR,
};
