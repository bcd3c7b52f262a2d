/*
 * Changes to the systemd units of some distributions: those that came before
 * container-getty@.service, and static ones that cannot work in a container
 * (guest-setup.md 9.3, 9.5).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * getty@.service with the condition on /dev/tty0 asking for /dev/tty, which containers
 * have; or the other way round, where container-getty@.service does its work. False:
 * nothing to change. A pure function.
 */
bool units_getty_edit(struct slice old, bool has_container_getty, struct strbuf *out);

/* units_getty_edit on the guest's file; a missing one stays missing. */
int units_fix_getty(const struct guest *guest, struct error *err);

/* Mask these units (NULL at the end); one that the user has overridden stays. */
void units_mask(const struct guest *guest, const char *const *units);
