/*
 * Fedora (guest-setup.md 8.8). Its network scripts are written by version alone, not by
 * what /etc/redhat-release says (17, D7).
 */
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/ifcfg.h"
#include "guest/networkd.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/systemd.h"

#define OLDEST        22
#define HAS_NETWORKD  25
#define LAST_SCRIPTS  27 /* beside networkd, where the scripts are installed */
#define KNOWS_PRESETS 37

static int detect_version(struct guest *guest, struct error *err)
{
	return release_detect(guest, OLDEST, err);
}

static bool has_scripts(const struct guest *guest)
{
	return guest->version.major < HAS_NETWORKD ||
	       (guest->version.major <= LAST_SCRIPTS &&
		guest_has_file(guest->root, "/etc/sysconfig/network"));
}

static int write_network(const struct guest *guest, struct error *err)
{
	if (has_scripts(guest) && ifcfg_write(guest, err) < 0)
		return -1;
	return guest->version.major >= HAS_NETWORKD ? networkd_write(guest, err) : 0;
}

static int write_init(const struct guest *guest, struct error *err)
{
	if (systemd_write_gettys(guest, err) < 0)
		return -1;
	if (guest->version.major < KNOWS_PRESETS)
		return 0;
	return systemd_write_presets(guest, "enable systemd-networkd.service\n", err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	if (securetty_write(guest, err) < 0)
		return -1;
	guest_unlink(guest->root, "/etc/systemd/system/getty@.service");
	return hosts_clean_up(guest, err);
}

const struct guest_type guest_fedora = {
	.name = "fedora",
	.ids = (const char *const[]){ "fedora", NULL },
	.marks = (const char *const[]){ "/etc/fedora-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_full,
	.network = write_network,
	.init = write_init,
	.fix_template = fix_template,
	.flags = GUEST_TTY_DIR,
};
