#include "guest/identity.h"

#include "guest/files.h"
#include "guest/systemd.h"

int identity_remove_machine_id(const struct guest *guest, struct error *err)
{
	static const char ours[] = "/etc/machine-id", dbus[] = "/var/lib/dbus/machine-id";

	(void)err;
	if (guest_is_plain_file(guest->root, dbus) && systemd_is_installed(guest))
		guest_unlink(guest->root, dbus);
	if (guest_has_file(guest->root, ours))
		guest_unlink(guest->root, ours);
	return 0;
}
