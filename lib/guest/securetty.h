/* /etc/securetty (guest-setup.md 9.6). securetty_edit is a pure function. */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* The new text: each of the devices (NULL at the end) is a line of it. */
void securetty_edit(struct slice old, const char *const *devices, struct strbuf *out);

/* "console" and "tty1" to "tty4"; a missing file stays missing. */
int securetty_write(const struct guest *guest, struct error *err);
