/* What the Debian family shares (guest-setup.md 8.2, 9): Debian, and what derives from it.
 */
#pragma once

#include "base/error.h"
#include "guest/type.h"

/* systemd's consoles and presets, and inittab for those without it. */
int debian_init(const struct guest *guest, struct error *err);

/*
 * A key pair that came with the template is removed, and made anew by the guest at its
 * first boot (9.10).
 */
int debian_fix_certificates(const struct guest *guest, struct error *err);
