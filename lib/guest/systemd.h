/*
 * What guests with systemd get: consoles, presets for their first boot, and the check
 * of its version (guest-setup.md 9.2, 9.4, 9.11).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* The text of the link /sbin/init ends in "/systemd". */
bool systemd_is_init(const struct guest *guest);

/* The program is there, whether it is init or not. */
bool systemd_is_installed(const struct guest *guest);

/* Where the distribution's own units are. */
const char *systemd_unit_dir(const struct guest *guest);

/*
 * container-getty@.service on "<prefix>ttyN" (guest_tty_prefix); false: it names no
 * device that is ours to change. A pure function.
 */
bool systemd_getty_edit(struct slice old, const char *prefix, struct strbuf *out);

/* container-getty@1..N for the consoles the guest has, none for the others. */
int systemd_write_gettys(const struct guest *guest, struct error *err);

/*
 * 00-pve.preset, for a first boot; networkd is the line for systemd-networkd, such as
 * "enable systemd-networkd.service\n", or "".
 */
int systemd_write_presets(const struct guest *guest, const char *networkd,
			  struct error *err);

/* Notes about an init that needs nesting, or that the host's cgroups do not suit. */
void systemd_check(const struct guest *guest, bool check_cgroup);
