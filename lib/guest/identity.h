/* What tells one container of a template from another (guest-setup.md 10.1). */
#pragma once

#include "base/error.h"
#include "guest/type.h"

/* Remove the machine ids that came with a template. */
int identity_remove_machine_id(const struct guest *guest, struct error *err);

/*
 * What a clone gets instead: the file is emptied, so that systemd makes a new id, but does
 * not take the next start for the first one.
 */
int identity_clear_machine_id(const struct guest *guest, struct error *err);
