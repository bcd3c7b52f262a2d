/* Arch Linux: systemd throughout, in no version but the present one. */
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/networkd.h"
#include "guest/securetty.h"
#include "guest/systemd.h"
#include "guest/type.h"

static int write_init(const struct guest *guest, struct error *err)
{
	if (systemd_write_presets(guest, "enable systemd-networkd.service\n", err) < 0)
		return -1;
	return systemd_write_gettys(guest, err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	if (securetty_write(guest, err) < 0)
		return -1;
	return hosts_clean_up(guest, err);
}

const struct guest_type guest_archlinux = {
	.name = "archlinux",
	.ids = (const char *const[]){ "archlinux", "arch", NULL },
	.marks = (const char *const[]){ "/etc/arch-release", NULL },
	.hostname = hostname_write_short,
	.network = networkd_write,
	.init = write_init,
	.fix_template = fix_template,
	.flags = GUEST_TTY_DIR,
};
