#include "guest/identity.h"

#include "guest/files.h"
#include "guest/systemd.h"

#define MACHINE_ID "/etc/machine-id"

static void remove_dbus_id(const struct guest *guest)
{
	static const char path[] = "/var/lib/dbus/machine-id";

	if (guest_is_plain_file(guest->root, path) && systemd_is_installed(guest))
		guest_unlink(guest->root, path);
}

int identity_remove_machine_id(const struct guest *guest, struct error *err)
{
	(void)err;
	remove_dbus_id(guest);
	if (guest_has_file(guest->root, MACHINE_ID))
		guest_unlink(guest->root, MACHINE_ID);
	return 0;
}

int identity_clear_machine_id(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;
	int found;

	remove_dbus_id(guest);
	if (!systemd_is_installed(guest))
		return 0;
	found = guest_first_line(guest->root, MACHINE_ID, &line, err);
	if (found <= 0 || slice_is(strbuf_slice(&line), "uninitialized"))
		return found < 0 ? -1 : 0;
	return guest_write(guest->root, MACHINE_ID, slice("\n"), 0444, 0, err);
}
