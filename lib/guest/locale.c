#include "guest/locale.h"

#include "guest/files.h"

int locale_write(const struct guest *guest, struct error *err)
{
	static const char path[] = "/etc/locale.conf";

	if (guest_has_file(guest->root, path))
		return 0;
	return guest_write(guest->root, path, slice("LANG=C.utf8"), 0644, 0, err);
}
