/* /etc/securetty (guest-setup.md 9.6). securetty_edit is a pure function. */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * The new text: each of the devices (NULL at the end) is a line of it, with prefix in
 * front where it was not one yet.
 */
void securetty_edit(struct slice old, const char *prefix, const char *const *devices,
		    struct strbuf *out);

/* "console" and "tty1" to "tty4" of this guest; a missing file stays missing. */
int securetty_write(const struct guest *guest, struct error *err);

/* The same with just this device, named as it is. */
int securetty_write_device(const struct guest *guest, const char *device,
			   struct error *err);
